import { once } from 'node:events';
import { createServer } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
// @ts-expect-error The example is JavaScript without types.
import { linkLogins } from '../../examples/identity-pools/link-logins.mjs';

const POOL = 'eu-west-1:11111111-2222-4333-8444-555555555555';
const ADDRESS = 'https://cognito-identity.eu-west-1.amazonaws.com/';
const LEGACY = 'cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Old';
const NEW = 'cognito-idp.eu-central-1.amazonaws.com/eu-central-1_New';
const ANN = '11111111-0000-4000-8000-000000000001';
const BOB = '22222222-0000-4000-8000-000000000002';

const token = (claims: object) =>
  ['{}', JSON.stringify(claims), 'signature'].map((part) => Buffer.from(part).toString('base64url')).join('.');
const legacyToken = (sub = ANN) => token({ sub, name: 'Ann Ønskå ???>>>' });
const newToken = (legacySub: unknown = ANN) => token({ sub: `new-${legacySub}`, 'custom:legacy_sub': legacySub });

type Logins = Readonly<Record<string, string>>;
type Answer = readonly [status: number, body: object | string];

/** An identity pool. AWS says that GetId links logins which come together; what else it may do with them is the `kept` to choose. */
async function identityPool(
  kept: 'first' | 'none' | 'forgotten' = 'first',
  broken?: (logins: Logins) => Answer | undefined,
) {
  const identities = new Map<string, string>();
  const calls: string[][] = [];
  const getId = (logins: Logins): Answer => {
    const names = Object.entries(logins).map(([provider, idToken]) => {
      const { sub } = JSON.parse(Buffer.from(idToken.split('.')[1] ?? '', 'base64url').toString());
      return `${provider}:${sub}`;
    });
    const known = [...new Set(names.flatMap((name) => identities.get(name) ?? []))];
    if (known.length > 1) return [400, { __type: 'ResourceConflictException', message: 'Logins are already linked' }];
    const fresh = `eu-west-1:identity-${calls.length}`;
    const identityId = kept === 'none' && names.length > 1 ? fresh : (known[0] ?? fresh);
    const linked = kept === 'forgotten' && names.length > 1 ? [] : names;
    for (const name of linked) identities.set(name, identityId);
    return [200, { IdentityId: identityId }];
  };
  const server = createServer(async (req, res) => {
    let text = '';
    for await (const chunk of req) text += chunk;
    const { IdentityPoolId, Logins } = JSON.parse(text);
    const isAsDocumented =
      req.method === 'POST' &&
      req.headers['x-amz-target'] === 'AWSCognitoIdentityService.GetId' &&
      req.headers['content-type'] === 'application/x-amz-json-1.1' &&
      req.headers.authorization === undefined &&
      IdentityPoolId === POOL;
    calls.push(Object.keys(Logins));
    const [status, body] = isAsDocumented ? (broken?.(Logins) ?? getId(Logins)) : [400, { __type: 'Unexpected' }];
    res.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as { port: number };
  const reach = (url: string, init: RequestInit) => fetch(url.replace(ADDRESS, `http://127.0.0.1:${port}/`), init);
  const link = (legacy = legacyToken(), fresh = newToken(), more = {}): Promise<string> =>
    linkLogins({
      identityPoolId: POOL,
      legacy: { userPoolId: 'eu-west-1_Old', idToken: legacy },
      new: { userPoolId: 'eu-central-1_New', idToken: fresh },
      fetch: reach,
      ...more,
    });
  return { identities, calls, link };
}

describe('linking the login of the new pool', () => {
  it('gives it the identity that the user has, and can be repeated', async () => {
    const { identities, calls, link } = await identityPool();
    identities.set(`${LEGACY}:${ANN}`, 'eu-west-1:ann');
    expect(await link()).toBe('eu-west-1:ann');
    expect(calls).toEqual([[LEGACY], [LEGACY, NEW], [NEW]]);
    expect(identities.get(`${NEW}:new-${ANN}`)).toBe('eu-west-1:ann');
    expect(await link()).toBe('eu-west-1:ann');
  });

  it('gives a user without an identity one for both', async () => {
    const { identities, link } = await identityPool();
    const identityId = await link();
    expect([...identities.values()]).toEqual([identityId, identityId]);
  });

  it('finds the legacy id in another claim', async () => {
    const { link } = await identityPool();
    await expect(
      link(legacyToken(), token({ sub: 'n', legacy_sub: ANN }), { claim: 'legacy_sub' }),
    ).resolves.toBeDefined();
  });

  it.each([
    ['is of somebody else, who signed in on the same device', legacyToken(ANN), newToken(BOB)],
    ['names nobody, as the user is not mapped', legacyToken(ANN), token({ sub: 'new' })],
    ['holds no claims', legacyToken(ANN), 'a.bnVsbA.c'],
    ['names nobody, and neither does the legacy one', token({}), token({})],
    ['stands in the place of the legacy one', newToken(ANN), legacyToken(ANN)],
  ])('is not tried where the new token %s', async (_what, legacy, fresh) => {
    const { calls, link } = await identityPool();
    await expect(link(legacy, fresh)).rejects.toMatchObject({ name: 'NotLinked', reason: 'other-person' });
    expect(calls).toEqual([]);
  });

  it('leaves an identity that the new login has already', async () => {
    const { identities, link } = await identityPool();
    identities.set(`${LEGACY}:${ANN}`, 'eu-west-1:ann').set(`${NEW}:new-${ANN}`, 'eu-west-1:accidental');
    await expect(link()).rejects.toMatchObject({ reason: 'has-another-identity' });
    expect(identities.get(`${NEW}:new-${ANN}`)).toBe('eu-west-1:accidental');
  });

  it.each([
    ['none', 2],
    ['forgotten', 3],
  ] as const)('is never reported where AWS did not keep the identity (%s)', async (kept, most) => {
    const { identities, calls, link } = await identityPool(kept);
    identities.set(`${LEGACY}:${ANN}`, 'eu-west-1:ann');
    await expect(link()).rejects.toMatchObject({ reason: 'not-kept' });
    expect(calls).toHaveLength(most);
  });

  it.each<[string, Answer, string]>([
    ['refused', [400, { __type: 'NotAuthorizedException', message: 'Token expired' }], 'refused'],
    ['refused, with the namespace', [400, { __type: 'com.amazonaws#ResourceNotFoundException' }], 'refused'],
    ['throttled', [400, { __type: 'TooManyRequestsException' }], 'unavailable'],
    ['failing', [500, { __type: 'InternalErrorException' }], 'unavailable'],
    ['a page of a proxy', [502, '<html>'], 'unavailable'],
    ['without an identity', [200, {}], 'refused'],
    ['nothing', [200, 'null'], 'refused'],
    ['refused, whatever else it says', [400, { IdentityId: 'eu-west-1:x' }], 'refused'],
  ])('says what became of it: %s', async (_what, answer, reason) => {
    const { link } = await identityPool('first', () => answer);
    const failure = await link().catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: 'NotLinked', reason });
    expect(`${failure}`).not.toMatch(new RegExp(`${ANN}|eyJ|undefined`));
  });

  it.each(['', 'a.b', 'a.%.c', 'bm8='])('refuses what is not a token: %s', async (text) => {
    const { calls, link } = await identityPool();
    await expect(link(legacyToken(), text)).rejects.toMatchObject({ name: 'NotLinked', reason: 'refused' });
    expect(calls).toEqual([]);
  });

  it('says that the network failed', async () => {
    const { link } = await identityPool();
    const failing = () => Promise.reject(new TypeError('fetch failed'));
    await expect(link(legacyToken(), newToken(), { fetch: failing })).rejects.toMatchObject({ reason: 'unavailable' });
  });
});

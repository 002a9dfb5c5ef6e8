import { spawnSync } from 'node:child_process';
import { createHmac, createPublicKey, type JsonWebKey, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { type CutoverVerifier, createCutoverVerifier } from '../src/index.js';
import { createTestPools, type TestPool, type TestPools } from '../src/testing/index.js';
import { amount } from './support/amount.js';
import * as target from './support/attack-target.js';
import { type IssuerKey, part, signToken } from './support/issuer.js';
import { mutants } from './support/mutants.js';
import { outcome } from './support/outcome.js';
import { type Recipe, startRecipe } from './support/python-recipe.js';
import { HAS, PYTHON } from './support/tools.js';

type Use = 'access' | 'id';
type Row = [name: string, token: () => unknown, use?: Use];

const PERSON = randomUUID();
const now = () => Math.floor(Date.now() / 1000);

let pools: TestPools;
let strangers: TestPools;
let recipe: Recipe;
let verifiers: Readonly<Record<Use, CutoverVerifier>>;

const served = ({ userPoolId, clientId, jwksUri = '' }: TestPool) => ({ userPoolId, clientId, jwksUri });
const start = async (own: TestPools) => {
  const started = await startRecipe({ legacyPool: served(own.legacyPool), newPool: served(own.newPool) });
  onTestFinished(() => started.close());
  return started;
};
/** Pools whose keys may be unavailable for a while, without the other tests noticing. */
const unsteadyPools = () => {
  onTestFinished(() => strangers.newPool.outage('off'));
  return strangers;
};

const legacy = () => pools.legacyPool;
const ours = () => pools.newPool;
const access = (more: object = {}) => ours().accessToken({ legacy_sub: PERSON, ...more });
const legacyAccess = (more: object = {}) => legacy().accessToken({ sub: PERSON, ...more });
const header = (pool = ours()) => ({ kid: pool.kids.access, alg: 'RS256' });
const claimsOf = (token: string) =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as object;
/** A token of the new pool whose header or payload is changed before the pool signs it. */
const signed = (more: object, payload: object | string | Uint8Array = claimsOf(access())) =>
  ours().sign({ ...header(), ...more }, payload);
const text = (more: string) => `${JSON.stringify(claimsOf(access())).slice(0, -1)},${more}}`;
const otherIssuer = (pool: TestPool) => pool.issuer.replace('cognito-idp', 'issuer-cognito-idp');
const publicKey = () =>
  createPublicKey({
    key: ours()
      .jwks()
      .keys.find(({ kid }) => kid === ours().kids.access) as JsonWebKey,
    format: 'jwk',
  });
/** Signed with the public key, as if it were a secret. */
const hmac = (alg: string) => {
  const input = `${part({ kid: ours().kids.access, alg })}.${access().split('.')[1]}`;
  const secret = publicKey().export({ type: 'spki', format: 'pem' });
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
};
/** Another spelling of the last character, in which only bits that carry nothing differ. */
const spareBits = (token: string) => {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return token.slice(0, -1) + alphabet[alphabet.indexOf(token.slice(-1)) ^ 1];
};
const otherAlphabet = (token: string) =>
  token.replace(/[^.]+$/, (end) => end.replaceAll('-', '+').replaceAll('_', '/'));
const inside = (token: string, put: string, index: number) =>
  token
    .split('.')
    .map((segment, at) => (at === index ? `${segment.slice(0, 8)}${put}${segment.slice(8)}` : segment))
    .join('.');

const isDeep = (token: string) =>
  token.split('.').some((segment) => /\[{60}|(?:\{"[^"]*":){60}/.test(Buffer.from(segment, 'base64url').toString()));

const GOOD: readonly Row[] = [
  ['a legacy access token', () => legacyAccess()],
  ['a new access token', () => access()],
  ['a legacy ID token', () => legacy().idToken({ sub: PERSON }), 'id'],
  ['a new ID token', () => ours().idToken({ 'custom:legacy_sub': PERSON }), 'id'],
  ['the other issuer form of the legacy pool', () => legacyAccess({ iss: otherIssuer(legacy()) })],
  ['the other issuer form of the new pool', () => access({ iss: otherIssuer(ours()) })],
  ['a legacy id in upper case', () => access({ legacy_sub: PERSON.toUpperCase() })],
  ['a legacy token with the same claim, from the trigger', () => legacyAccess({ legacy_sub: PERSON })],
  ['a legacy token whose claim contradicts its sub', () => legacyAccess({ legacy_sub: randomUUID() })],
  [
    'a legacy ID token with an attribute that the user wrote',
    () => legacy().idToken({ sub: PERSON, 'custom:legacy_sub': randomUUID() }),
    'id',
  ],
  ['a token with an aud, from resource binding', () => access({ aud: 'https://api.example.com' })],
  ['a token that ended a second ago', () => access({ exp: now() - 1 })],
  ['a token of a host whose clock is two minutes ahead', () => access({ iat: now() + 120 })],
  ['a machine of the new pool', () => ours().machineToken()],
  ['a machine of the legacy pool', () => legacy().machineToken()],
];

const FORGED: readonly Row[] = [
  ['nothing', () => null],
  ['a number', () => 7],
  ['empty text', () => ''],
  ['two parts', () => access().split('.').slice(0, 2).join('.')],
  ['four parts', () => `${access()}.x`],
  ['alg none', () => `${part({ alg: 'none', kid: ours().kids.access })}.${access().split('.')[1]}.`],
  ['alg none with a signature', () => signed({ alg: 'none' })],
  ['HS256 with the public key', () => hmac('HS256')],
  ['an HMAC that calls itself RS256', () => hmac('RS256')],
  ['RS512', () => signed({ alg: 'RS512' })],
  ['crit', () => signed({ crit: ['exp'] })],
  ['crit with b64', () => signed({ crit: ['b64'], b64: true })],
  ['b64', () => signed({ b64: false })],
  ['b64 as usual', () => signed({ b64: true })],
  ['no kid', () => signed({ kid: undefined })],
  ['a kid that is not text', () => signed({ kid: 7 })],
  ['a kid in a list', () => signed({ kid: [ours().kids.access] })],
  ['an unknown kid', () => signed({ kid: 'nobody' })],
  ['the kid of a key of the other pool', () => signed({ kid: legacy().kids.access })],
  ["the other pool's issuer", () => access({ iss: legacy().issuer })],
  [
    "the other pool's issuer and kid",
    () => ours().sign(header(legacy()), { ...claimsOf(access()), iss: legacy().issuer }),
  ],
  ['a third pool', () => strangers.newPool.accessToken({ legacy_sub: PERSON })],
  ['a third pool with our kid', () => strangers.newPool.sign(header(), claimsOf(access()))],
  [
    'a third pool with our issuer and its own key',
    () => strangers.newPool.accessToken({ iss: ours().issuer, client_id: ours().clientId, legacy_sub: PERSON }),
  ],
  ['no issuer', () => access({ iss: undefined })],
  ['an issuer that is a list', () => access({ iss: [ours().issuer] })],
  ['an issuer with a slash at its end', () => access({ iss: `${ours().issuer}/` })],
  [
    'a key that the token brings along',
    () => signed({ jku: strangers.newPool.jwksUri, kid: strangers.newPool.kids.access }),
  ],
  [
    'a changed payload',
    () =>
      [access().split('.')[0], part({ ...claimsOf(access()), legacy_sub: randomUUID() }), access().split('.')[2]].join(
        '.',
      ),
  ],
  ['no signature', () => `${access().split('.').slice(0, 2).join('.')}.`],
  ['padding', () => `${access()}==`],
  ['a foreign character in the signature', () => inside(access(), '!', 2)],
  ['a line break in the signature', () => inside(access(), '\n', 2)],
  ['a space in front', () => ` ${access()}`],
  ['the other alphabet of base64 in the signature', () => otherAlphabet(access())],
  ['spare bits in the signature', () => spareBits(access())],
  ['an oversized token', () => access({ padding: 'x'.repeat(16_384) })],
  ['a payload in UTF-16', () => signed({}, Buffer.from(JSON.stringify(claimsOf(access())), 'utf16le'))],
  ['a payload that is not UTF-8', () => signed({}, Buffer.from(text('"x":"\u00ff"'), 'latin1'))],
  ['a byte order mark', () => signed({}, `\ufeff${text('"x":1')}`)],
  ['a payload that is a list', () => signed({}, '[]')],
  ['NaN', () => signed({}, text('"x":NaN'))],
  ['a payload that is nested too deeply', () => signed({}, text(`"x":${'['.repeat(6000)}`))],
  // Somewhere here Python can just read it at the first level of a program, and no longer inside PyJWT.
  ...Array.from({ length: 25 }, (_, step): Row => {
    const depth = 975 + step;
    const nested = JSON.parse('['.repeat(depth) + ']'.repeat(depth)) as unknown;
    return [`alg in ${depth} brackets`, () => signed({ alg: nested })];
  }),
];

const CLAIMS: readonly Row[] = [
  ['expired', () => access({ exp: now() - 60 })],
  ['no exp', () => access({ exp: undefined })],
  ...[String(now() + 600), null, true, [], 0.5, -1].map(
    (exp): Row => [`exp ${JSON.stringify(exp)}`, () => access({ exp })],
  ),
  ['exp beyond every number', () => signed({}, text(`"exp":1${'0'.repeat(400)}`))],
  ['exp infinite', () => signed({}, text('"exp":1e999'))],
  ['the last of two exp', () => signed({}, text('"exp":1'))],
  ['no iat', () => access({ iat: undefined, exp: now() + 600 })],
  ['iat far in the future', () => access({ iat: now() + 900 })],
  ['not yet valid', () => access({ nbf: now() + 60 })],
  ['nbf that is text', () => access({ nbf: '0' })],
  [
    'an ID token where access tokens are expected',
    () => ours().idToken({ 'custom:legacy_sub': PERSON, legacy_sub: PERSON }),
  ],
  [
    'an access token where ID tokens are expected',
    () => access({ aud: ours().clientId, 'custom:legacy_sub': PERSON }),
    'id',
  ],
  ['no token_use', () => access({ token_use: undefined })],
  ['token_use in a list', () => access({ token_use: ['access'] })],
  ['another client', () => access({ client_id: 'another' })],
  ["the other pool's client", () => access({ client_id: legacy().clientId })],
  ["the new pool's client at the legacy pool", () => legacyAccess({ client_id: ours().clientId })],
  ['a client in a list', () => access({ client_id: [ours().clientId] })],
  ['the client in aud only', () => access({ client_id: undefined, aud: ours().clientId })],
  ['an ID token for another client', () => ours().idToken({ aud: 'another', 'custom:legacy_sub': PERSON }), 'id'],
  [
    'an ID token for several clients',
    () => ours().idToken({ aud: [ours().clientId] as never, 'custom:legacy_sub': PERSON }),
    'id',
  ],
  ['no sub', () => legacyAccess({ sub: undefined })],
  ['an empty sub', () => legacyAccess({ sub: '' })],
  ['a sub that is not text', () => legacyAccess({ sub: 7 })],
  ['a machine of another client', () => ours().machineToken({ client_id: 'another' })],
];

const NOT_MAPPED: readonly Row[] = [
  ['no claim', () => access({ legacy_sub: undefined })],
  ['no claim, and an e-mail address', () => access({ legacy_sub: undefined, email: 'anna@example.com' })],
  ['the claim of ID tokens in an access token', () => access({ legacy_sub: undefined, 'custom:legacy_sub': PERSON })],
  ['an ID token without the claim', () => ours().idToken({ legacy_sub: PERSON }), 'id'],
  ...[
    null,
    '',
    'admin',
    7,
    [PERSON],
    { PERSON },
    ` ${PERSON}`,
    `${PERSON}\n`,
    `${PERSON},${PERSON}`,
    PERSON.replaceAll('-', ''),
  ].map((value): Row => [`the claim ${JSON.stringify(value)}`, () => access({ legacy_sub: value })]),
  ['a user who has the client id as name', () => ours().machineToken({ username: 'anna' })],
  ['a user whose sub is not the client', () => ours().machineToken({ sub: randomUUID() })],
];

describe('docs/other-languages.md', () => {
  const page = readFileSync(new URL('../docs/other-languages.md', import.meta.url), 'utf8');
  const recipes = page
    .split(/^## /m)
    .filter((section) => /^(?!What every|One claim|If you cannot|Before you|#)/.test(section))
    .map((section) => [section.split('\n')[0] ?? '', section] as const);

  it('has a section for each language, gateway and service', () => {
    expect(recipes.map(([title]) => title.split(/[ :]/)[0])).toEqual(
      'Python Go Java .NET Auth.js Istio Envoy Kong Application API AppSync Amplify Verified'.split(' '),
    );
  });

  it.each(recipes)('%s: names its sources, and says whether it was run', (_title, section) => {
    expect(section).toMatch(/\]\(https:\/\//);
    const isCode = /^```(?!python)\w/m.test(section);
    if (isCode) expect(section).toContain('Not run.');
  });

  it.each(recipes)('%s: says what it cannot do', (_title, section) => {
    expect(section).toMatch(/cannot|can not|does \*?\*?not|No closing date|\*\*one\*\*|\*\*Do not use it/);
  });

  it.skipIf(!HAS.pyJwt)('has Python that Python can read', () => {
    const blocks = [...page.matchAll(/^```python\n(.*?)^```/gms)].map(([, code = '']) => code);
    expect(blocks).toHaveLength(3);
    const check = 'import json, sys\nfor code in json.load(sys.stdin): compile(code, "page", "exec")';
    const { status, stderr } = spawnSync(PYTHON, ['-c', check], { input: JSON.stringify(blocks), encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
  });
});

describe.skipIf(!HAS.pyJwt)('the Python recipe of docs/other-languages.md', () => {
  beforeAll(async () => {
    [pools, strangers] = await Promise.all([createTestPools(), createTestPools()]);
    recipe = await startRecipe({ legacyPool: served(pools.legacyPool), newPool: served(pools.newPool) });
    const of = (tokenUse: Use) =>
      createCutoverVerifier({ legacyPool: legacy().options, newPool: ours().options, tokenUse });
    verifiers = { access: of('access'), id: of('id') };
  });
  afterAll(() => Promise.all([recipe.close(), pools.close(), strangers.close()]));

  /** The verifier warns of a claim in a legacy token that contradicts the sub, which some rows have. */
  beforeEach(() => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    onTestFinished(() => warn.mockRestore());
  });

  const bothOf = async (token: unknown, use: Use = 'access') => {
    const [identity, answer] = [await outcome(verifiers[use], token), await recipe.answer(token, use)];
    return { identity, answer };
  };

  it.each([...GOOD])('finds the user that our verifier finds: %s', async (...[, token, use]: Row) => {
    const { identity, answer } = await bothOf(token(), use);
    if (typeof identity === 'string') throw new Error(identity);
    expect(answer).toEqual({ userId: identity.userId });
    if (identity.kind === 'user') expect(identity.userId).toBe(PERSON);
  });

  it.each([...FORGED, ...CLAIMS])('refuses what our verifier refuses, with 401: %s', async (...[, token, use]: Row) => {
    const { identity, answer } = await bothOf(token(), use);
    expect(identity).toMatch(/^ERR_/);
    expect(answer).toEqual({ status: 401 });
  });

  it.each([...NOT_MAPPED])(
    'refuses a user whose legacy id is not known, with 403: %s',
    async (...[, token, use]: Row) => {
      const { identity, answer } = await bothOf(token(), use);
      expect(identity).toMatch(/^ERR_LEGACY_ID_(?:MISSING|INVALID)$/);
      expect(answer).toEqual({ status: 403 });
    },
  );

  it('refuses the legacy pool after its date', async () => {
    for (const [at, expected] of [
      [now() + 100, { userId: PERSON }],
      [now() - 1, { status: 401 }],
    ] as const) {
      await recipe.closeLegacyPool(at);
      expect(await recipe.answer(legacyAccess())).toEqual(expected);
      expect(await recipe.answer(access())).toEqual({ userId: PERSON });
    }
    await recipe.closeLegacyPool(null);
  });

  it('answers 503 where it has no keys, without asking again at every request, and recovers', async () => {
    const own = unsteadyPools();
    const python = await start(own);
    const token = () => own.newPool.accessToken({ legacy_sub: PERSON });
    for (const mode of ['error', 'garbage', 'empty', 'refuse'] as const) {
      const before = own.newPool.fetches;
      own.newPool.outage(mode);
      for (const one of [token(), token()]) expect(await python.answer(one)).toEqual({ status: 503 });
      expect(own.newPool.fetches).toBe(before + 1);
      await python.advance(31);
    }
    expect(await python.answer(own.legacyPool.accessToken({ sub: PERSON }))).toEqual({ userId: PERSON });
    own.newPool.outage('off');
    expect(await python.answer(token())).toEqual({ userId: PERSON });
  });

  it('goes on with the keys it has while the pool is down, for a day', async () => {
    const own = unsteadyPools();
    const python = await start(own);
    const token = () => own.newPool.accessToken({ legacy_sub: PERSON, exp: now() + 200_000 });
    expect(await python.answer(token())).toEqual({ userId: PERSON });
    own.newPool.outage('error');
    await python.advance(86_300);
    expect(await python.answer(token())).toEqual({ userId: PERSON });
    expect(await python.answer(own.newPool.sign({ alg: 'RS256', kid: 'new' }, claimsOf(token())))).toEqual({
      status: 503,
    });
    await python.advance(200);
    expect(await python.answer(token())).toEqual({ status: 503 });
  });

  it('forgets a withdrawn key within an hour', async () => {
    const own = unsteadyPools();
    const python = await start(own);
    const token = own.newPool.accessToken({ legacy_sub: PERSON, exp: now() + 9_000 });
    expect(await python.answer(token)).toEqual({ userId: PERSON });
    own.newPool.rotateKeys({ keepOld: false });
    await python.advance(3_500);
    expect(await python.answer(token)).toEqual({ userId: PERSON });
    await python.advance(200);
    expect(await python.answer(token)).toEqual({ status: 401 });
  });

  it('finds a new key of a pool, forgets a withdrawn one, and fetches once for a flood of unknown ones', async () => {
    const own = unsteadyPools();
    const python = await start(own);
    const old = own.newPool.accessToken({ legacy_sub: PERSON });
    expect(await python.answer(old)).toEqual({ userId: PERSON });
    await python.advance(31);
    own.newPool.rotateKeys({ keepOld: false });
    expect(await python.answer(own.newPool.accessToken({ legacy_sub: PERSON }))).toEqual({ userId: PERSON });
    expect(await python.answer(old)).toEqual({ status: 401 });
    await python.advance(31);
    const before = own.newPool.fetches;
    for (let kid = 0; kid < 20; kid += 1) {
      const token = own.newPool.sign({ alg: 'RS256', kid: `${kid}` }, claimsOf(old));
      expect(await python.answer(token)).toEqual({ status: 401 });
    }
    expect(own.newPool.fetches).toBe(before + 1);
  });

  it('accepts no mutant that our verifier refuses, and finds no other user', async () => {
    // Keys that no token may be signed with do not spoil the set.
    const unusable = [
      { kty: 'oct', kid: 'secret', k: 'c2VjcmV0', use: 'sig' },
      { ...target.foreignKey.jwk, use: 'enc' },
    ];
    const keysOf = async (key: IssuerKey) => {
      const keys = JSON.stringify({ keys: [...unusable, key.jwk] });
      const server = createServer((_request, response) => void response.end(keys));
      await new Promise<void>((listening) => void server.listen(0, '127.0.0.1', listening));
      onTestFinished(() => void server.close());
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    };
    const python = await startRecipe({
      legacyPool: {
        userPoolId: 'eu-west-1_Legacy000',
        clientId: 'legacyclient',
        jwksUri: await keysOf(target.legacyKey),
      },
      newPool: { userPoolId: 'eu-west-1_New000000', clientId: 'newclient', jwksUri: await keysOf(target.newKey) },
      now: target.NOW,
    });
    onTestFinished(() => python.close());
    const originals = [
      [target.accessClaims, target.newKey],
      [target.machineClaims, target.newKey],
      [target.legacyAccessClaims, target.legacyKey],
    ] as const;
    const made = originals.map(([payload, key]) => {
      const head = target.header(key);
      return { header: head, payload, key, token: signToken(head, payload, key) };
    });
    const { header: headerOf, accessClaims, foreignKey } = target;
    const forged = signToken(headerOf(foreignKey), accessClaims, foreignKey);
    expect(await python.answer(forged)).toEqual({ status: 401 });
    const verifier = target.targetVerifier({ tokenUse: 'access' });
    let accepted = 0;
    await fc.assert(
      fc.asyncProperty(mutants(made, target.foreignKey, target.NOW), async (token) => {
        const answer = await python.answer(token);
        expect(answer).not.toHaveProperty('fault');
        if (!('userId' in answer)) return;
        const identity = await outcome(verifier, token);
        // What only a pool could sign, and the recipe does not read: the types of some claims, and deep nesting.
        if (identity === 'ERR_TOKEN_MALFORMED' && isDeep(token)) return;
        if (identity === 'ERR_CLAIM_INVALID') {
          const unread = / (?:username|scope|aud|jti|cognito:groups|auth_time) is /;
          await expect(verifier.verify(token)).rejects.toThrow(unread);
          return;
        }
        accepted += 1;
        expect(identity).toMatchObject({ userId: answer.userId });
      }),
      { numRuns: amount(60, 20_000) },
    );
    expect(accepted).toBeGreaterThan(0);
  });
});

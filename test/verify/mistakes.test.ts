import { describe, expect, it } from 'vitest';
import { type CutoverError, createCutoverVerifier, type PoolOptions, type VerifierOptions } from '../../src/index.js';
import { verifierOfTwoPools } from './support.js';

const { pools, start } = verifierOfTwoPools();

const CODE = {
  missing: 'ERR_TOKEN_MISSING',
  malformed: 'ERR_TOKEN_MALFORMED',
  issuer: 'ERR_ISSUER_NOT_TRUSTED',
  key: 'ERR_KEY_NOT_FOUND',
  expired: 'ERR_TOKEN_EXPIRED',
  early: 'ERR_TOKEN_NOT_YET_VALID',
  use: 'ERR_TOKEN_USE_NOT_ALLOWED',
  client: 'ERR_CLIENT_NOT_ALLOWED',
  closed: 'ERR_LEGACY_POOL_CLOSED',
  unmapped: 'ERR_LEGACY_ID_MISSING',
  invalid: 'ERR_LEGACY_ID_INVALID',
  keys: 'ERR_KEYS_UNAVAILABLE',
  algorithm: 'ERR_ALGORITHM_NOT_ALLOWED',
  signature: 'ERR_SIGNATURE_INVALID',
  audience: 'ERR_AUDIENCE_NOT_ALLOWED',
  unavailable: 'ERR_LEGACY_ID_UNAVAILABLE',
  revocation: 'ERR_REVOCATION_UNAVAILABLE',
} as const;

const NOW = Date.UTC(2026, 0, 15, 12);
const seconds = NOW / 1_000;
const clock = { now: () => NOW };

interface Mistake {
  readonly token: () => unknown;
  readonly newPool?: Partial<PoolOptions> | (() => Partial<PoolOptions>);
  readonly options?: Partial<VerifierOptions> | (() => Partial<VerifierOptions>);
  readonly code: keyof typeof CODE;
  readonly says: string | RegExp;
}

const good = () => pools.newPool.accessToken({ legacy_sub: 'x' });
const legacyUser = () => pools.legacyPool.accessToken({ iat: seconds, exp: seconds + 60 });
const newUser = (claims = {}) => pools.newPool.accessToken({ iat: seconds, exp: seconds + 60, ...claims });
const idToken = (claims = {}) => pools.newPool.idToken({ iat: seconds, exp: seconds + 60, ...claims });
const only = (value: unknown) => (typeof value === 'function' ? value() : (value ?? {}));

const MISTAKES: Readonly<Record<string, Mistake>> = {
  'an empty token': { token: () => '', code: 'missing', says: 'There is no token' },
  'no token': { token: () => undefined, code: 'missing', says: 'There is no token' },
  'null as token': { token: () => null, code: 'missing', says: 'There is no token' },
  'the scheme before the token': {
    token: () => `Bearer ${good()}`,
    code: 'malformed',
    says: 'begins with "Bearer ": pass only what follows it',
  },
  'a token in quotes': { token: () => `"${good()}"`, code: 'malformed', says: 'in quotation marks' },
  'the whole answer of a sign-in': {
    token: () => JSON.stringify({ AuthenticationResult: { AccessToken: good() } }, null, 2),
    code: 'malformed',
    says: 'This is JSON: pass only the access token or the ID token in it.',
  },
  'a token with a line break': { token: () => `${good()}\n`, code: 'malformed', says: 'white space before or after' },
  'a token copied with a line break in it': {
    token: () => good().replace('.', '.\n'),
    code: 'malformed',
    says: 'as when it is copied with a line break',
  },
  'a promise of a token': { token: () => Promise.resolve(good()), code: 'malformed', says: 'await it first' },
  'the text of a variable without a value': {
    token: () => 'undefined',
    code: 'malformed',
    says: 'the text of a variable without a value',
  },
  'a refresh token': { token: () => 'a.b.c.d.e', code: 'malformed', says: "Cognito's refresh tokens" },
  'an authorization code': { token: () => 'e4a1-b2c3', code: 'malformed', says: 'so it is not a JWT' },
  'a token of another pool': {
    token: () => newUser({ iss: 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Other' }),
    code: 'issuer',
    says: /neither legacyPool \(eu-west-1_\w+\) nor newPool \(eu-west-1_\w+\), but by another user pool: .*environment or Region\?$/,
  },
  'a token of another system': {
    token: () => newUser({ iss: 'https://accounts.example.com' }),
    code: 'issuer',
    says: 'it is not from Amazon Cognito',
  },
  'a token without an issuer': { token: () => newUser({ iss: undefined }), code: 'issuer', says: 'names no issuer' },
  'a token of a pool under another Region or form': {
    token: () => newUser({ iss: `https://issuer-cognito-idp.eu-central-1.amazonaws.com/${pools.newPool.userPoolId}` }),
    code: 'issuer',
    says: /names the user pool eu-west-1_\w+, but .* add it to newPool\.issuers\.$/,
  },
  'a token of another algorithm': {
    token: () => pools.newPool.sign({ alg: 'HS256', kid: 'k' }, {}),
    code: 'algorithm',
    says: 'as every token of Cognito is',
  },
  'a token that was changed': {
    token: () => `${newUser().slice(0, -4)}AAAA`,
    code: 'signature',
    says: 'changed or cut after it was issued',
  },
  'a token without an audience': {
    token: newUser,
    newPool: { audience: 'orders' },
    code: 'audience',
    says: 'none of the APIs in newPool.audience. It has no aud: the client did not ask for a resource',
  },
  'a resolver that fails': {
    token: newUser,
    options: { legacyId: { resolve: () => Promise.reject(new Error('secret')) } },
    code: 'unavailable',
    says: /^The legacy id is currently unavailable: legacyId\.resolve failed \(see cause\)\.$/,
  },
  'a resolver that is slow': {
    token: newUser,
    options: { legacyId: { resolve: () => new Promise(() => {}), resolveTimeoutMs: 20 } },
    code: 'unavailable',
    says: 'did not answer within 20 ms (legacyId.resolveTimeoutMs)',
  },
  'a function isRevoked that answers nothing': {
    token: legacyUser,
    options: { isRevoked: () => undefined as never },
    code: 'revocation',
    says: 'isRevoked must answer true or false, got a value of type undefined',
  },
  'a function isRevoked that fails': {
    token: legacyUser,
    options: { isRevoked: () => Promise.reject(new Error('secret')) },
    code: 'revocation',
    says: /currently unknown: isRevoked failed \(see cause\)\.$/,
  },
  'an issuer with a slash at its end': {
    token: () => newUser({ iss: `${pools.newPool.issuer}/` }),
    code: 'issuer',
    says: 'has another Region, host or ending',
  },
  'a key that the pool does not have': {
    token: () => pools.newPool.sign({ alg: 'RS256', kid: 'old' }, { iss: pools.newPool.issuer }),
    code: 'key',
    says: 'newPool.jwks is never fetched again: were the keys rotated since',
  },
  'a token that has just expired': {
    token: () => newUser({ exp: seconds - 7 }),
    code: 'expired',
    says: "expired 7 s ago: the client must refresh it in time. If it is new, check this server's clock.",
  },
  'a token that expired long ago': {
    token: () => newUser({ exp: seconds - 3 * 86_400 - 3_600 }),
    code: 'expired',
    says: "expired 3 d 1 h ago: the client must refresh it in time. If it is new, check this server's clock.",
  },
  'a clock that is wrong': {
    token: () => newUser({ iat: seconds + 595, exp: seconds + 900 }),
    code: 'early',
    says: "issued 595 s in the future: check this server's clock",
  },
  'a token that is valid later': {
    token: () => newUser({ nbf: seconds + 30 }),
    code: 'early',
    says: "valid only 30 s in the future: check this server's clock",
  },
  'an ID token where access tokens are accepted': {
    token: idToken,
    options: { tokenUse: 'access' },
    code: 'use',
    says: /^The token is an ID token\. Only access tokens are accepted \(tokenUse\)\. Send the access token.*or set tokenUse to 'id' or 'any'/,
  },
  'an access token where ID tokens are accepted': {
    token: newUser,
    newPool: { tokenUse: 'id' },
    code: 'use',
    says: /^The token is an access token\. Only ID tokens are accepted \(newPool\.tokenUse\)\..*'access', which is right for most APIs.*or send the ID token/,
  },
  'clients of the two pools swapped': {
    token: () => newUser({ client_id: pools.legacyPool.clientId }),
    code: 'client',
    says: 'legacyPool.clientIds lists this app client, but the token is from newPool: are the clients of the two pools swapped?',
  },
  'a client that is in no list': {
    token: () => newUser({ client_id: 'other' }),
    code: 'client',
    says: 'not in newPool.clientIds. If it is a client of your application, add its id there.',
  },
  'an end of the legacy pool that is no date': {
    token: legacyUser,
    options: { legacyTokens: { acceptUntil: () => new Date('soon') } },
    code: 'closed',
    says: 'did not return a valid Date',
  },
  'an access token without the legacy id': {
    token: newUser,
    code: 'unmapped',
    says: /no claim legacy_sub, and there is no legacyId\.resolve\. .*ID tokens only.*docs\/access-tokens\.md/,
  },
  'an ID token without the legacy id': {
    token: idToken,
    code: 'unmapped',
    says: /no claim custom:legacy_sub, .*cognito-cutover plan and apply.*ReadAttributes/,
  },
  'a user whom the resolver does not know': {
    token: newUser,
    options: { legacyId: { resolve: () => undefined } },
    code: 'unmapped',
    says: 'legacyId.resolve does not know the user',
  },
  'a legacy id of another form': {
    token: () => newUser({ legacy_sub: '4711' }),
    code: 'invalid',
    says: 'If your ids have another form, set this option.',
  },
};

it.each(Object.entries(MISTAKES))('%s prints the listed kind of sentence', async (_, mistake) => {
  const verifier = start(only(mistake.newPool), { clock, ...only(mistake.options) });
  const token = mistake.token();
  const error: CutoverError = await verifier.verify(token as string).then(
    () => expect.unreachable(),
    (reason) => reason,
  );
  expect(error.code).toBe(CODE[mistake.code]);
  expect(error.message).toMatch(mistake.says);
  expect(error.help).toContain(`/docs/errors.md#${error.code.toLowerCase()}`);
});

describe('a message', () => {
  /** What a token may hold, and what is never configured. */
  const SECRET = 'secret-of-the-user';

  it.each([
    ['iss', { iss: `https://cognito-idp.eu-west-1.amazonaws.com/${SECRET}` }],
    ['client_id', { client_id: SECRET }],
    ['token_use', { token_use: SECRET }],
    ['sub', { sub: SECRET }],
    ['legacy_sub', { legacy_sub: SECRET }],
    ['aud', { aud: SECRET }],
    ['exp', { exp: SECRET }],
  ])('holds nothing that the claim %s says', async (_, claims) => {
    const verifier = start({ audience: 'orders' }, { clock });
    const error = await verifier.verify(newUser(claims)).catch((reason: CutoverError) => reason);
    expect(error).toMatchObject({ name: 'CutoverError', message: expect.not.stringContaining(SECRET) });
  });

  it.each([`Bearer ${SECRET}`, `"${SECRET}"`, `${SECRET} `, SECRET, `${SECRET}.a.b.c.d`, `x.${SECRET}`])(
    'holds nothing of %j',
    async (token) => {
      const error = await start({})
        .verify(token)
        .catch((reason: CutoverError) => reason);
      expect(error).toMatchObject({ code: CODE.malformed, message: expect.not.stringContaining(SECRET) });
    },
  );
});

describe('keys that cannot be fetched', () => {
  const JWKS_URI = 'https://cognito-idp.eu-west-9.amazonaws.com/eu-west-9_New/.well-known/jwks.json';
  const refused = (code: string) => Promise.reject(Object.assign(new Error(`x ${code}`), { code }));
  const answer = (status: number, body = '') => Promise.resolve({ status, text: async () => body });

  it.each<[string, () => Promise<{ status: number; text: () => Promise<string> }>, string]>([
    ['status 404', () => answer(404), `${JWKS_URI} answered 404. Does this pool exist? Check its id and its Region.`],
    ['status 400', () => answer(400), 'answered 400. Does this pool exist? Check its id and its Region.'],
    ['status 403', () => answer(403), 'answered 403. Does a proxy or an endpoint policy refuse it?'],
    ['status 302', () => answer(302), 'answered 302. Redirects are not followed.'],
    ['status 429', () => answer(429), 'Is a verifier created for every request?'],
    ['status 500', () => answer(500), 'answered 500. The fault is at the other end'],
    ['a page of a proxy', () => answer(200, '<html>'), 'not a usable key set (JWKS)'],
    ['an empty key set', () => answer(200, '{"keys":[]}'), 'not a usable key set (JWKS)'],
    ['no such host', () => refused('ENOTFOUND'), '(ENOTFOUND). Are the Region and the pool id right, and does DNS'],
    ['no DNS', () => refused('EAI_AGAIN'), '(EAI_AGAIN). Are the Region'],
    ['nothing there', () => refused('ECONNREFUSED'), '(ECONNREFUSED). Is outbound HTTPS allowed'],
    ['no way out', () => refused('ENETUNREACH'), 'Is outbound HTTPS allowed from here'],
    ['a proxy that inspects', () => refused('SELF_SIGNED_CERT_IN_CHAIN'), 'NODE_EXTRA_CA_CERTS'],
    [
      'the fetch of the Fetch standard',
      () => Promise.reject(new TypeError('fetch failed', { cause: { code: 'ECONNRESET' } })),
      '(ECONNRESET). Is outbound HTTPS allowed',
    ],
    ['anything else', () => refused('constructor'), `${JWKS_URI} could not be reached.`],
    ['an answer that is no error', () => Promise.reject(undefined), 'could not be reached.'],
    ['no answer', () => new Promise(() => {}), 'did not answer within 20 ms. Is outbound HTTPS allowed'],
  ])('%s: verify, hydrate and the event say the likely cause', async (_, fetch, says) => {
    const events: unknown[] = [];
    const verifier = createCutoverVerifier({
      newPool: { userPoolId: 'eu-west-9_New', clientIds: null },
      tokenUse: 'any',
      keys: { fetch, timeoutMs: 20 },
      onEvent: (event) => events.push(event),
    });
    const token = pools.newPool.sign(
      { alg: 'RS256', kid: 'k' },
      { iss: 'https://cognito-idp.eu-west-9.amazonaws.com/eu-west-9_New' },
    );
    const error = await verifier.verify(token).catch((reason: CutoverError) => reason);
    expect(error).toMatchObject({ code: CODE.keys, message: expect.stringContaining(says) });
    expect((error as CutoverError).message).toContain('The keys of newPool are currently unavailable: https://');
    const failed = await verifier.hydrate().catch((reason: AggregateError) => reason);
    expect(failed).toMatchObject({
      message: expect.stringContaining(says),
      errors: [expect.objectContaining({ message: expect.stringContaining(says) })],
    });
    expect(events[0]).toMatchObject({
      type: 'keys',
      outcome: 'failed',
      error: { message: expect.stringContaining(says) },
    });
  });

  it('of a verifier that was closed meanwhile are not blamed on the network', async () => {
    const verifier = createCutoverVerifier({
      newPool: { userPoolId: 'eu-west-9_New', clientIds: null },
      tokenUse: 'any',
      keys: { fetch: () => new Promise(() => {}) },
    });
    const hydrated = verifier.hydrate();
    verifier.close();
    await expect(hydrated).rejects.toThrow('The keys of no pool could be loaded. The verifier is closed.');
  });

  it('shows no query of the address, and nothing of the answer', async () => {
    const verifier = createCutoverVerifier({
      newPool: { userPoolId: 'eu-west-9_New', clientIds: null, jwksUri: 'https://keys.example.com/jwks?key=secret' },
      tokenUse: 'any',
      keys: { fetch: () => answer(200, 'secret') },
    });
    const [{ message }] = (await verifier.hydrate().catch((reason: AggregateError) => reason.errors)) as [Error];
    expect(message).toMatch(/^https:\/\/keys\.example\.com\/jwks answered/);
    expect(message).not.toContain('secret');
  });
});

describe('a mistake in the options', () => {
  const POOL = { userPoolId: 'eu-west-1_New', clientIds: ['a'] };
  const create = (options: object) => () =>
    createCutoverVerifier({ newPool: POOL, tokenUse: 'access', ...options } as VerifierOptions);
  const pool = (options: object) => create({ newPool: { ...POOL, ...options } });

  it.each<[string, () => unknown, string | RegExp]>([
    [
      'an invalid Date',
      create({ legacyTokens: { acceptUntil: new Date('soon') } }),
      /got an invalid Date\. Pass for example new Date\(/,
    ],
    [
      'clientId',
      pool({ clientId: 'a' }),
      'newPool.clientId: unknown option, did you mean clientIds? Known are userPoolId, clientIds, ',
    ],
    ['a misspelt option', create({ tokenuse: 'id' }), 'tokenuse: unknown option, did you mean tokenUse?'],
    [
      'a client as a string',
      pool({ clientIds: 'a' }),
      'or null to accept any client of the pool, got "a". Put it into an array.',
    ],
    [
      'clients in one string',
      pool({ clientIds: ['a,b'] }),
      'one app client id in each string, without white space, got "a,b"',
    ],
    ['a client with a space', pool({ clientIds: ['a '] }), 'without white space, got "a "'],
    [
      'an ARN',
      pool({ userPoolId: 'arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_A' }),
      'This is an ARN: pass only what follows',
    ],
    [
      'an issuer',
      pool({ userPoolId: 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_A' }),
      'pass only the id in it',
    ],
    ['white space', pool({ userPoolId: 'eu-west-1_A\n' }), 'Remove the white space.'],
    [
      'an identity pool',
      pool({ userPoolId: 'eu-west-1:0b6a3f0e-5c3e-4a8e-9d7e-111111111111' }),
      'a user pool is needed',
    ],
    ['an app client', pool({ userPoolId: '3n4b5urk1ft4fl3mg5e62d9ado' }), 'those belong in clientIds'],
    ['a hyphen', pool({ userPoolId: 'eu-west-1-Abc' }), 'followed by an underscore'],
    ['upper case', pool({ userPoolId: 'EU-WEST-1_Abc' }), 'written in lower case'],
    ['no Region', pool({ userPoolId: 'Ab12Cd34e' }), 'The Region in front is missing.'],
    ['an emulator', pool({ userPoolId: 'local_1' }), "The id of an emulator's pool needs issuers."],
    [
      'one pool twice',
      create({ legacyPool: { ...POOL, clientIds: ['b'] } }),
      'is already in legacyPool.userPoolId. Users move from one pool to another',
    ],
    [
      'one client twice',
      create({ legacyPool: { ...POOL, userPoolId: 'eu-west-1_Old' } }),
      'is already in legacyPool.clientIds. An app client belongs to one user pool',
    ],
  ])('%s prints what to do', (_, build, says) => {
    expect(build).toThrow(says);
    expect(build).toThrow(
      expect.objectContaining({ code: 'ERR_CONFIGURATION', help: expect.stringContaining('#err_configuration') }),
    );
  });
});

import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createUserDirectory, type UserDirectoryOptions } from '../../../src/directory/command-line/user-directory.js';
import { statePath } from '../../migrate/support/workspace.js';
import type { Fault, PoolOptions } from '../../support/cognito-simulator/index.js';
import { people, started } from '../../support/cognito-simulator/testing.js';
import { scriptedPool } from '../scripted-pool.js';

const POOL = 'eu-west-1_New';

function directory(endpoint: string, more: Partial<UserDirectoryOptions> = {}) {
  const made = createUserDirectory({ userPoolId: POOL, endpoint, ...more });
  onTestFinished(() => made.close());
  return made;
}

async function withPool(pool: Partial<PoolOptions> = {}, faults: readonly Fault[] = []) {
  const { simulator } = await started({
    pools: [{ id: POOL, users: people(150), customAttributes: ['legacy_sub'], ...pool }],
    faults,
  });
  return { simulator, directory: directory(simulator.endpoint) };
}

describe('the users of a pool', () => {
  it('come in pages, with everything that ListUsers says of them', async () => {
    const { directory } = await withPool({
      users: [
        { username: 'ann', sub: 'sub-of-ann', attributes: { email: 'ann@example.org', 'custom:legacy_sub': 'old' } },
        ...people(100),
      ],
    });
    const first = await directory.listUsers();
    expect(first.users).toHaveLength(60);
    expect(first.users[0]).toEqual({
      username: 'ann',
      sub: 'sub-of-ann',
      attributes: { sub: 'sub-of-ann', email: 'ann@example.org', 'custom:legacy_sub': 'old' },
      status: 'CONFIRMED',
      enabled: true,
      createdAt: expect.any(Date),
      modifiedAt: expect.any(Date),
    });
    const second = await directory.listUsers({ token: first.nextToken! });
    expect([second.users.length, second.nextToken]).toEqual([41, undefined]);
  });

  it('can be asked for by the beginning of their sub', async () => {
    const users = ['a1', 'a2', 'b1'].map((sub) => ({ username: sub, sub }));
    const { directory } = await withPool({ users });
    expect((await directory.listUsers({ subPrefix: 'a' })).users.map(({ sub }) => sub)).toEqual(['a1', 'a2']);
    expect((await directory.listUsers({ subPrefix: 'a"\\' })).users).toEqual([]);
  });

  it('can be asked for by their username', async () => {
    const users = ['ann', 'ann2', 'a"\\'].map((username) => ({ username, sub: username }));
    const { directory } = await withPool({ users });
    for (const { username } of users) {
      expect((await directory.listUsers({ username })).users.map((user) => user.username)).toEqual([username]);
    }
    expect((await directory.listUsers({ username: 'nobody' })).users).toEqual([]);
  });

  it('may begin with an empty page, which has a token', async () => {
    const { directory } = await withPool({ listing: { emptyPages: 1 } });
    expect(await directory.listUsers()).toEqual({ users: [], nextToken: expect.any(String) });
  });

  it('can be written, one attribute and no other', async () => {
    const { simulator, directory } = await withPool();
    await directory.updateAttributes('u1', { 'custom:legacy_sub': 'old-1' });
    expect(simulator.pool(POOL).user('u1')?.attributes).toMatchObject({
      email: 'u1@example.com',
      'custom:legacy_sub': 'old-1',
    });
    await directory.deleteAttributes('u1', ['custom:legacy_sub']);
    expect(simulator.pool(POOL).user('u1')?.attributes).not.toHaveProperty('custom:legacy_sub');
  });
});

describe('a pool', () => {
  it('describes itself', async () => {
    const settings = { Name: 'shop', AdminCreateUserConfig: { AllowAdminCreateUserOnly: true } };
    const { directory } = await withPool({ settings });
    const description = await directory.describePool();
    expect(description).toMatchObject({ name: 'shop', estimatedUsers: 150, adminCreateUserOnly: true });
    expect(description.preSignUpTrigger).toBe(false);
    const attribute = description.attributes.find(({ name }) => name === 'custom:legacy_sub');
    expect(attribute).toMatchObject({ type: 'String', mutable: true });
  });

  it('says that it has a PreSignUp trigger', async () => {
    const PreSignUp = 'arn:aws:lambda:eu-west-1:123456789012:function:gate';
    const { directory } = await withPool({ settings: { LambdaConfig: { PreSignUp } } });
    expect(await directory.describePool()).toMatchObject({ preSignUpTrigger: true });
  });

  it('names its app clients, and what they may write', async () => {
    const { directory } = await withPool({
      clients: [
        { ClientId: 'web', ClientName: 'Web', WriteAttributes: ['email'], ReadAttributes: ['email'] },
        { ClientId: 'ios', ClientName: 'iOS' },
        { ClientId: 'tv', ClientName: 'TV', WriteAttributes: [] },
      ],
    });
    const { items } = await directory.listClientIds();
    const clients = await Promise.all(items.map((id) => directory.describeClient(id)));
    expect(clients).toEqual([
      { clientId: 'web', clientName: 'Web', writeAttributes: ['email'], readAttributes: ['email'] },
      { clientId: 'ios', clientName: 'iOS', writeAttributes: undefined, readAttributes: undefined },
      { clientId: 'tv', clientName: 'TV', writeAttributes: undefined, readAttributes: undefined },
    ]);
  });

  it('names its identity providers, and the attributes they fill', async () => {
    const { directory } = await withPool({
      providers: [{ ProviderName: 'Okta', ProviderType: 'OIDC', AttributeMapping: { 'custom:legacy_sub': 'id' } }],
    });
    expect(await directory.listProviderNames()).toEqual({ items: ['Okta'], nextToken: undefined });
    const okta = { name: 'Okta', type: 'OIDC', mappedAttributes: ['custom:legacy_sub'] };
    expect(await directory.describeProvider('Okta')).toEqual(okta);
  });
});

describe('a failed call', () => {
  it.each<[string, Fault, string]>([
    ['throttling', { kind: 'throttle' }, 'throttled'],
    ['an internal error', { kind: 'internal-error' }, 'unavailable'],
    ['a broken connection', { kind: 'drop-before' }, 'unavailable'],
    ['expired credentials', { kind: 'error', type: 'ExpiredTokenException', message: 'expired' }, 'credentials'],
    ['unknown credentials', { kind: 'error', type: 'UnrecognizedClientException', message: 'no' }, 'credentials'],
    ['a daily limit', { kind: 'error', type: 'LimitExceededException', message: 'daily' }, 'refused'],
    ['an unknown operation', { kind: 'error', type: 'UnknownOperationException', message: 'no' }, 'refused'],
    ['a refused parameter', { kind: 'error', type: 'InvalidParameterException', message: 'no' }, 'invalid'],
  ])('is sorted: %s', async (_, fault, kind) => {
    const { directory, simulator } = await withPool({}, [fault]);
    await expect(directory.updateAttributes('u1', { 'custom:legacy_sub': 'x' })).rejects.toMatchObject({
      name: 'DirectoryError',
      kind,
      operation: 'AdminUpdateUserAttributes',
    });
    // Repeating is the caller's business: the SDK has sent it once.
    expect(simulator.stats.of('AdminUpdateUserAttributes').attempts).toBe(1);
  });

  it.each([
    ['no such user', {}, 'user-not-found', 'nobody'],
    ['a permission that is missing', { deny: ['AdminUpdateUserAttributes'] }, 'credentials', 'u1'],
    ['a replica Region', { replica: true }, 'refused', 'u1'],
    ['an attribute that is missing', { customAttributes: [] }, 'invalid', 'u1'],
  ])('is sorted: %s', async (_, pool, kind, username) => {
    const { directory } = await withPool(pool);
    await expect(directory.updateAttributes(username, { 'custom:legacy_sub': 'x' })).rejects.toMatchObject({ kind });
  });

  it('because of the page token is told apart', async () => {
    const { directory } = await withPool();
    await expect(directory.listUsers({ token: 'made up' })).rejects.toMatchObject({ kind: 'token' });
  });

  it('because the pool does not exist is final', async () => {
    const { simulator } = await withPool();
    const other = directory(simulator.endpoint, { userPoolId: 'eu-west-1_Other' });
    await expect(other.listUsers()).rejects.toMatchObject({ kind: 'refused', exception: 'ResourceNotFoundException' });
  });

  it('takes no longer than its time limit', async () => {
    const { simulator } = await withPool({}, [{ kind: 'slow', ms: 2000 }]);
    const impatient = directory(simulator.endpoint, { timeoutMs: 100 });
    await expect(impatient.listUsers()).rejects.toMatchObject({ kind: 'unavailable', exception: 'ETIMEDOUT' });
  });

  it('at an address where nobody listens may pass', async () => {
    await expect(directory('http://127.0.0.1:1').listUsers()).rejects.toMatchObject({
      kind: 'unavailable',
      exception: 'ECONNREFUSED',
    });
  });

  it('without a Region anywhere is not worth repeating', async () => {
    vi.stubEnv('AWS_REGION', undefined);
    vi.stubEnv('AWS_DEFAULT_REGION', undefined);
    vi.stubEnv('AWS_CONFIG_FILE', '/nowhere');
    const local = createUserDirectory({ userPoolId: 'local_abc', endpoint: 'http://127.0.0.1:1' });
    await expect(local.listUsers()).rejects.toMatchObject({ kind: 'credentials', exception: 'RegionMissing' });
  });

  it('rejects with the reason of its signal', async () => {
    const { directory } = await withPool();
    const signal = AbortSignal.abort(new Error('stop'));
    await expect(directory.listUsers({ signal })).rejects.toThrow('stop');
  });

  it('says nothing of the user it was about', async () => {
    const { directory } = await withPool();
    const failure = directory.updateAttributes('ann@example.org', { 'custom:legacy_sub': 'secret-value' });
    await expect(failure).rejects.not.toThrow(/ann@|secret-value/);
  });
});

describe('an answer that is not what the API promises', () => {
  it.each([
    ['no list of users', '{}'],
    ['a user without a name', '{"Users":[{"Attributes":[]}]}'],
    ['attributes without a name', '{"Users":[{"Username":"a","Attributes":[{"Value":"x"}]}]}'],
    ['no attribute where one should be', '{"Users":[{"Username":"a","Attributes":[null]}]}'],
    ['no JSON', '<html></html>'],
  ])('is a failure, never an empty pool: %s', async (_, body) => {
    const server = createServer((_, response) => {
      response.setHeader('content-type', 'application/x-amz-json-1.1').end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    await expect(directory(`http://127.0.0.1:${port}`).listUsers()).rejects.toMatchObject({ kind: 'answer' });
  });
});

describe('half an answer', () => {
  it.each([
    ['describePool', {}],
    ['describePool', { UserPool: {} }],
    ['describePool', { UserPool: { SchemaAttributes: [null] } }],
    ['describeProvider', {}],
    ['describeProvider', { IdentityProvider: { AttributeMapping: { email: {} } } }],
  ] as const)('of %s is a failure: %j', async (method, answer) => {
    const { endpoint } = await scriptedPool(() => answer);
    const made = directory(endpoint);
    const asked = method === 'describePool' ? made.describePool() : made.describeProvider('SAML');
    await expect(asked).rejects.toMatchObject({ kind: 'answer' });
  });

  it('is none where a provider fills no attributes', async () => {
    const { endpoint } = await scriptedPool(() => ({ IdentityProvider: {} }));
    expect(await directory(endpoint).describeProvider('SAML')).toEqual({ name: 'SAML', mappedAttributes: [] });
  });
});

describe('credentials', () => {
  it('are those of the profile named', async () => {
    const path = statePath();
    writeFileSync(path, '[other]\naws_access_key_id = AKIAOTHER\naws_secret_access_key = secret\n');
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', path);
    vi.stubEnv('AWS_ACCESS_KEY_ID', undefined);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', undefined);
    vi.stubEnv('AWS_CONFIG_FILE', join(path, 'none'));
    const { simulator } = await withPool();
    await directory(simulator.endpoint, { profile: 'other' }).listUsers();
    expect(simulator.stats.accessKeys[POOL]).toEqual(['AKIAOTHER']);
  });

  it('are those of the role to assume', async () => {
    const { simulator } = await withPool();
    vi.stubEnv('AWS_ENDPOINT_URL_STS', simulator.endpoint);
    await directory(simulator.endpoint, { roleArn: 'arn:aws:iam::111111111111:role/Reader' }).listUsers();
    expect(simulator.stats.accessKeys[POOL]).toHaveLength(1);
    expect(simulator.stats.accessKeys[POOL]).not.toContain('AKIATEST');
  });

  it('that are nowhere to be found are said to be missing', async () => {
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/nowhere');
    vi.stubEnv('AWS_CONFIG_FILE', '/nowhere');
    vi.stubEnv('AWS_ACCESS_KEY_ID', undefined);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', undefined);
    const { simulator } = await withPool();
    const missing = directory(simulator.endpoint, { profile: 'nobody' });
    await expect(missing.listUsers()).rejects.toMatchObject({ kind: 'credentials' });
  });
});

describe('options that cannot be meant', () => {
  it.each([
    ['userPoolId', { userPoolId: '' }],
    ['endpoint', { endpoint: 'localhost:9229' }],
    ['timeoutMs', { timeoutMs: 0 }],
    ['region', { region: '' }],
    ['profil', { profil: 'x' }],
  ])('%s: are refused', (option, wrong) => {
    const make = () => createUserDirectory({ userPoolId: POOL, ...wrong });
    expect(make).toThrow(expect.objectContaining({ code: 'ERR_CONFIGURATION', option }));
  });
});

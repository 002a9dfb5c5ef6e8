import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const directory = fileURLToPath(new URL('../../examples/express-app', import.meta.url));

function start(env: Record<string, string>): ChildProcess {
  const { PATH = '', SystemRoot = '' } = process.env;
  return spawn(process.execPath, ['server.mjs'], { cwd: directory, env: { PATH, SystemRoot, PORT: '0', ...env } });
}

/** Everything a process writes to one of its outputs, and its exit code. */
async function outcome(child: ChildProcess) {
  let errors = '';
  child.stderr?.on('data', (chunk) => {
    errors += chunk;
  });
  const [code] = await once(child, 'close');
  return { code, errors };
}

describe('without configuration', () => {
  let child: ChildProcess;
  let address = '';
  const tokens: string[] = [];
  const get = async (path: string, token?: string) => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const response = await fetch(`${address}${path}`, { headers });
    return { status: response.status, headers: response.headers, body: JSON.parse(await response.text()) };
  };

  beforeAll(async () => {
    child = start({});
    const { stdout } = child;
    if (stdout === null) throw new Error('no output');
    for await (const line of createInterface(stdout)) {
      address ||= /^Listening on (\S+)$/.exec(line)?.[1] ?? '';
      const token = /^curl -i \S+\/orders -H 'Authorization: Bearer (\S+)'$/.exec(line)?.[1];
      if (token !== undefined) tokens.push(token);
      if (tokens.length === 4) return;
    }
  });
  afterAll(async () => {
    if (child.exitCode === null) child.kill('SIGKILL');
  });

  it('serves one person the same orders with a token of either pool', async () => {
    const [legacy, moved, other] = await Promise.all(tokens.slice(0, 3).map((token) => get('/orders', token)));
    expect(legacy).toMatchObject({ status: 200, body: ['a lamp', 'a chair'] });
    expect(moved).toMatchObject({ status: 200, body: ['a lamp', 'a chair'] });
    expect(other).toMatchObject({ status: 200, body: ['a table'] });
    const [before, after] = await Promise.all(tokens.slice(0, 2).map((token) => get('/me', token)));
    expect(before?.body.userId).toBe(after?.body.userId);
    expect(before?.body.sub).not.toBe(after?.body.sub);
  });

  it('refuses whom it cannot name, with a code and a challenge', async () => {
    const unmapped = await get('/orders', tokens[3]);
    expect(unmapped).toMatchObject({ status: 403, body: { error: 'ERR_LEGACY_ID_MISSING' } });
    const anonymous = await get('/orders');
    expect(anonymous).toMatchObject({ status: 401, body: { error: 'ERR_TOKEN_MISSING' } });
    expect(anonymous.headers.get('www-authenticate')).toBe('Bearer realm="api"');
    expect(await get('/admin/orders', tokens[0])).toMatchObject({ status: 403, body: { error: 'ERR_GROUP_REQUIRED' } });
  });

  it('shows its state to anybody', async () => {
    const { status, body } = await get('/health');
    expect(status).toBe(200);
    expect(body.pools).toMatchObject([
      { pool: 'legacy', keys: 'fresh' },
      { pool: 'new', keys: 'fresh' },
    ]);
  });

  it('ends when asked to', async () => {
    child.kill('SIGTERM');
    expect(await outcome(child)).toEqual({ code: 0, errors: '' });
  });
});

describe('with a configuration', () => {
  const newOnly = { NEW_USER_POOL_ID: 'eu-west-1_New', NEW_CLIENT_IDS: 'c', TOKEN_USE: 'id' };
  const complete = { ...newOnly, LEGACY_USER_POOL_ID: 'eu-west-1_Legacy', LEGACY_CLIENT_IDS: 'a, b' };

  it.each([
    ['that is incomplete', { TOKEN_USE: 'id' }, 'Set NEW_USER_POOL_ID, NEW_CLIENT_IDS too'],
    ['with half a legacy pool', { ...complete, LEGACY_CLIENT_IDS: '' }, 'Set LEGACY_CLIENT_IDS too'],
    ['without a legacy pool, and an unknown use', { ...newOnly, TOKEN_USE: 'refresh' }, 'tokenUse: expected'],
    ['with a use that does not exist', { ...complete, TOKEN_USE: 'refresh' }, 'tokenUse: expected'],
    ['with a client in both pools', { ...complete, NEW_CLIENT_IDS: 'b' }, 'clientIds'],
    ['with a port that is none', { ...complete, PORT: 'http' }, 'PORT: expected a number, got "http"'],
    ['with a date that is none', { ...complete, LEGACY_ACCEPT_UNTIL: 'soon' }, 'acceptUntil: expected'],
  ])('%s it says what is wrong, and ends', async (_what, env, message) => {
    const { code, errors } = await outcome(start(env));
    expect(errors).toContain(message);
    expect(errors.split('\n')).toHaveLength(2);
    expect(code).toBe(1);
  });

  it('ends, emulator included, where its port is taken', async () => {
    const taken = createServer().listen(0, 'localhost');
    await once(taken, 'listening');
    const address = taken.address();
    const port = typeof address === 'object' && address !== null ? `${address.port}` : '';
    const { code, errors } = await outcome(start({ PORT: port }));
    taken.close();
    expect(errors).toContain('EADDRINUSE');
    expect(code).toBe(1);
  });
});

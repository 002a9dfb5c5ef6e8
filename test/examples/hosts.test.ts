import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createCutoverVerifier } from '../../src/index.js';
import { createTestPools, type TestPools } from '../../src/testing/index.js';

const directory = fileURLToPath(new URL('../../examples/hosts', import.meta.url));

interface Service {
  readonly port: number;
  close(): Promise<unknown>;
}
interface Example {
  start(service: { verifier: object; port: number }): Promise<Service>;
}
type Edge = { default: { fetch(request: Request, env: object): Promise<Response> } };

let pools: TestPools;
beforeAll(async () => {
  vi.spyOn(console, 'error').mockImplementation(() => {});
  pools = await createTestPools({ serve: false });
});
afterAll(() => {
  vi.mocked(console.error).mockRestore();
  return pools.close();
});

type Get = (path: string, token?: string) => Promise<Response>;

/** What every one of them answers. */
async function expectService(get: Get): Promise<void> {
  const anna = pools.person();
  const scope = { scope: 'orders/read' };
  const of = async (path: string, token?: string) => {
    const response = await get(path, token);
    return [response.status, response.ok ? await response.json() : response.headers.get('WWW-Authenticate')];
  };
  expect(await of('/readyz')).toEqual([200, { ready: true }]);
  expect(await of('/')).toEqual([200, { hello: 'stranger' }]);
  expect(await of('/orders')).toEqual([401, 'Bearer realm="api"']);
  expect(await of('/', 'bad')).toEqual([401, expect.stringContaining('error="invalid_token"')]);
  expect(await of('/orders', anna.new.accessToken())).toEqual([403, expect.stringContaining('scope="orders/read"')]);
  for (const token of [anna.legacy.accessToken(scope), anna.new.accessToken(scope)]) {
    expect(await of('/', token)).toEqual([200, { hello: anna.userId }]);
    expect(await of('/orders', token)).toEqual([200, { ordersOf: anna.userId }]);
  }
}
const headersOf = (token?: string) => (token === undefined ? {} : { Authorization: `Bearer ${token}` });
const optionsOf = () => ({ legacyPool: pools.legacyPool.options, newPool: pools.newPool.options });

describe('examples/hosts', () => {
  it.each(['express.mjs', 'fastify.mjs', 'hono.mjs', 'koa.mjs', 'nest.ts'])('%s', async (file) => {
    const { start } = (await import(/* @vite-ignore */ `${directory}/${file}`)) as Example;
    const verifier = createCutoverVerifier({ ...optionsOf(), tokenUse: 'access' });
    const service = await start({ verifier, port: 0 });
    onTestFinished(() => verifier.close());
    try {
      await expectService((path, token) =>
        fetch(`http://localhost:${service.port}${path}`, { headers: headersOf(token) }),
      );
    } finally {
      await service.close();
    }
    await expect(fetch(`http://localhost:${service.port}/`)).rejects.toThrow();
  });

  it('hono-edge.mjs', async () => {
    const { default: worker } = (await import(/* @vite-ignore */ `${directory}/hono-edge.mjs`)) as Edge;
    const env = { LEGACY_POOL: pools.legacyPool.options, NEW_POOL: pools.newPool.options };
    await expectService((path, token) =>
      worker.fetch(new Request(`https://example.com${path}`, { headers: headersOf(token) }), env),
    );
  });

  it('starts by the command of its README, with requests to try, and ends when it is asked to', async () => {
    const child = spawn(process.execPath, ['start.mjs', 'fastify'], { cwd: directory, env: { PORT: '0' } });
    onTestFinished(() => void child.kill('SIGKILL'));
    const lines: string[] = [];
    for await (const line of createInterface(child.stdout)) if (lines.push(line) === 4) break;
    expect(lines.map((line) => line.slice(0, 9))).toEqual(['Listening', 'curl -i h', 'curl -i -', 'curl -i -']);
    const [, token, url = ''] = /Bearer (\S+)' (\S+)$/.exec(lines[3] ?? '') ?? [];
    expect((await fetch(url, { headers: headersOf(token) })).status).toBe(200);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });
});

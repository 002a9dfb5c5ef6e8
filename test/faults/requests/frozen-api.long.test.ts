import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished } from 'vitest';
import { createTestPools } from '../../../src/testing/index.js';
import { startRedis } from '../../support/redis-server.js';
import { fault } from '../fault.js';
import { listenForTest } from './broken-servers.js';

const PROGRAM = fileURLToPath(new URL('frozen-api.mjs', import.meta.url));
const TIMEOUT_MS = 1_500;
const FROZEN_MS = 2_000;

async function startApi(source: { readonly redis: string } | { readonly source: string }) {
  const pools = await createTestPools({ serve: false });
  const { legacyPool, newPool } = pools;
  const options = { legacyPool: legacyPool.options, newPool: newPool.options, tokenUse: 'access' };
  const child = spawn(process.execPath, [PROGRAM, JSON.stringify({ ...options, ...source, timeoutMs: TIMEOUT_MS })]);
  let errors = '';
  child.stderr.on('data', (text) => {
    errors += text;
  });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await pools.close();
  });
  const [port] = await once(child.stdout, 'data');
  const anna = pools.person({ mapped: false });
  const headers = { authorization: `Bearer ${anna.new.accessToken()}` };
  const ask = async () => {
    const answer = await fetch(`http://127.0.0.1:${Number(`${port}`)}/`, { headers });
    return [answer.status, await answer.text()];
  };
  return { child, anna, ask, errors: () => errors };
}

/** Stopped for longer than any of its time limits. */
async function freeze(child: ChildProcess, meanwhile: () => void): Promise<void> {
  child.kill('SIGSTOP');
  meanwhile();
  await delay(FROZEN_MS);
  child.kill('SIGCONT');
}

fault(
  'an Express API is stopped (SIGSTOP) while a resolver asks over HTTP for a request',
  'the answer that came meanwhile is used: 200 with the legacy id, and the source does not count as down',
  async () => {
    const asked: ServerResponse[] = [];
    const source = createServer((_request, response) => void asked.push(response));
    const { child, anna, ask, errors } = await startApi({ source: `http://127.0.0.1:${await listenForTest(source)}` });
    const answer = ask();
    await expect.poll(() => asked.length, { interval: 5 }).toBe(1);
    await freeze(child, () => asked[0]?.end(anna.userId));
    expect(await answer).toEqual([200, JSON.stringify(anna.userId)]);
    expect(await ask()).toEqual([200, JSON.stringify(anna.userId)]);
    expect(errors()).toBe('');
  },
);

fault(
  'an Express API is stopped (SIGSTOP) in the middle of a Redis call',
  'as for a resolver over HTTP',
  async () => {
    const server = await startRedis();
    onTestFinished(async () => {
      server.resume();
      await server.stop();
    });
    const { child, anna, ask, errors } = await startApi({ redis: server.url });
    const { createClient } = await import('redis');
    const client = createClient({ url: server.url });
    await client.connect();
    await client.set(`cognito-cutover:${anna.new.sub}`, anna.userId);
    client.destroy();
    server.pause();
    const answer = ask();
    // Long enough for the call to leave, and shorter than its limit.
    await delay(300);
    await freeze(child, () => server.resume());
    expect(await answer).toEqual([200, JSON.stringify(anna.userId)]);
    expect(errors()).toBe('');
  },
  { needs: 'redis' },
);

fault(
  'a request reaches an Express API that is stopped (SIGSTOP)',
  'it is answered as usual once the process goes on',
  async () => {
    const source = createServer((_request, response) => response.end('0b6a3f0e-5c3e-4a8e-9d7e-111111111111'));
    const { child, ask } = await startApi({ source: `http://127.0.0.1:${await listenForTest(source)}` });
    let answer: ReturnType<typeof ask> | undefined;
    await freeze(child, () => {
      answer = ask();
    });
    expect(await answer).toEqual([200, '"0b6a3f0e-5c3e-4a8e-9d7e-111111111111"']);
  },
);

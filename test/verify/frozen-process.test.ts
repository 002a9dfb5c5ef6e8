import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { createTestPools } from '../../src/testing/index.js';

const PROGRAM = fileURLToPath(new URL('../support/frozen-verifier.mjs', import.meta.url));
const TIMEOUT_MS = 400;

it('an answer that came while the process was frozen is not lost to a timer', async ({ onTestFinished }) => {
  const pools = await createTestPools({ serve: false });
  const { newPool } = pools;
  const asked: ServerResponse[] = [];
  const endpoint = createServer((_request, response) => {
    asked.push(response);
    endpoint.emit('asked');
  });
  endpoint.listen(0, '127.0.0.1');
  await once(endpoint, 'listening');
  const { port } = endpoint.address() as AddressInfo;
  const child = spawn(process.execPath, [
    PROGRAM,
    JSON.stringify({
      newPool: { ...newPool.options, jwks: undefined, jwksUri: `http://127.0.0.1:${port}/jwks.json` },
      tokenUse: 'any',
      keys: { refreshSeconds: 1, timeoutMs: TIMEOUT_MS },
    }),
  ]);
  onTestFinished(async () => {
    child.kill('SIGKILL');
    endpoint.close().closeAllConnections();
    await pools.close();
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const said = async () => JSON.parse((await lines.next()).value) as Record<string, unknown>;
  const answerLast = () => asked.at(-1)!.end(JSON.stringify(newPool.jwks()));

  await once(endpoint, 'asked');
  answerLast();
  expect([await said(), await said()]).toEqual([{ keys: 'refreshed' }, { ready: true }]);

  // Twice, since the second time a connection that was kept alive may be in use.
  for (let time = 0; time < 2; time += 1) {
    await delay(1_050);
    const questions = once(endpoint, 'asked');
    child.stdin.write(`${newPool.machineToken()}\n`);
    expect(await said()).toEqual({ code: 'accepted' });
    await questions;
    child.kill('SIGSTOP');
    answerLast();
    await delay(TIMEOUT_MS + 300);
    child.kill('SIGCONT');
    expect(await said()).toEqual({ keys: 'unchanged' });
  }
});

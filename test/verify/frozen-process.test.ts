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
/** A busy machine may take long to come from the question to the stop. */
const TIMEOUT_MS = 2_000;
const MOST_TRIES = 5;

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

  /** `undefined` where the time was up before the process was stopped, which shows nothing. */
  const askWhileFrozen = async () => {
    await delay(1_050);
    const questions = once(endpoint, 'asked');
    child.stdin.write(`${newPool.machineToken()}\n`);
    expect(await said()).toEqual({ code: 'accepted' });
    await questions;
    child.kill('SIGSTOP');
    const isLate = asked.at(-1)!.destroyed;
    if (!isLate) answerLast();
    await delay(TIMEOUT_MS + 300);
    child.kill('SIGCONT');
    const fetched = await said();
    return isLate ? undefined : fetched;
  };

  // Twice, since the second time a connection that was kept alive may be in use.
  for (let shown = 0, tries = 0; shown < 2; tries += 1) {
    expect(tries).toBeLessThan(MOST_TRIES);
    const fetched = await askWhileFrozen();
    if (fetched === undefined) continue;
    expect(fetched).toEqual({ keys: 'unchanged' });
    shown += 1;
  }
});

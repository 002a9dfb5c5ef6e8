import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

/** Of examples/express-app. */
export const directory = fileURLToPath(new URL('../../examples/express-app', import.meta.url));

/** The example on ports of its own; with two pools of the emulator unless `env` names others. */
export function spawnShop(env: Record<string, string> = {}): ChildProcess {
  const { PATH = '', SystemRoot = '' } = process.env;
  const all = { PATH, SystemRoot, PORT: '0', METRICS_PORT: '0', ...env };
  return spawn(process.execPath, ['server.mjs'], { cwd: directory, env: all });
}

/** As {@link spawnShop}, until the test ends. */
export function start(env?: Record<string, string>): ChildProcess {
  const child = spawnShop(env);
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

/** What it prints once it listens: tokens of Anna at the legacy and the new pool, of Bert, and of Cleo. */
export async function started(child: ChildProcess) {
  const found = { address: '', metrics: '', tokens: [] as string[] };
  if (child.stdout === null) throw new Error('no output');
  for await (const line of createInterface(child.stdout)) {
    found.address ||= /^Listening on (\S+)$/.exec(line)?.[1] ?? '';
    found.metrics ||= /^Metrics at (\S+)$/.exec(line)?.[1] ?? '';
    const token = /Bearer (\S+)'$/.exec(line)?.[1];
    if (token !== undefined) found.tokens.push(token);
    if (found.tokens.length === 4) break;
  }
  child.stdout.resume();
  return found;
}

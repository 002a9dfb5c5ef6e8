import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const BIN = fileURLToPath(new URL('../../dist/esm/src/cli/bin.js', import.meta.url));
const USAGE_PROBE = new URL('usage-probe.mjs', import.meta.url).href;

export interface ProcessUsage {
  /** The most memory it ever held. */
  peakMb: number;
  /** The longest time the event loop stood still. */
  longestBlockMs: number;
  cpuSeconds: number;
  /** The most requests it sent within any one second, by operation. */
  mostPerSecond: Readonly<Record<string, number>>;
}

export interface EndedProcess {
  /** `undefined` after a signal. */
  code: number | undefined;
  stdout: string;
  stderr: string;
  seconds: number;
  /** `undefined` where the process was killed. */
  usage: ProcessUsage | undefined;
}

export interface RunningProcess {
  pid: number;
  /** Ends it with `signal` (`SIGKILL`), if it still runs. */
  kill(signal?: NodeJS.Signals): void;
  ended: Promise<EndedProcess>;
}

/** Runs a Node script with test credentials, and nothing of the machine's own AWS configuration. */
export async function startNode(args: readonly string[]): Promise<RunningProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'cutover-process-'));
  const usageFile = join(folder, 'usage.json');
  const started = performance.now();
  const child = spawn(process.execPath, ['--import', USAGE_PROBE, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      HOME: folder,
      NODE_NO_WARNINGS: '1',
      AWS_ACCESS_KEY_ID: 'AKIATEST',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_EC2_METADATA_DISABLED: 'true',
      USAGE_FILE: usageFile,
    },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = new Promise<EndedProcess>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', async (code) => {
      const seconds = (performance.now() - started) / 1000;
      const usage: ProcessUsage | undefined = existsSync(usageFile)
        ? JSON.parse(await readFile(usageFile, 'utf8'))
        : undefined;
      await rm(folder, { recursive: true });
      resolve({ code: code ?? undefined, stdout, stderr, seconds, usage });
    });
  });
  return { pid: child.pid ?? 0, kill: (signal = 'SIGKILL') => void child.kill(signal), ended };
}

/** The built command `cognito-cutover`: it starts in a quarter of the time that its source takes. */
export function builtBin(): string {
  if (!existsSync(BIN)) throw new Error('The command is not built: run npm run build first.');
  return BIN;
}

/** Runs the built command `cognito-cutover`. */
export async function startCli(args: readonly string[]): Promise<RunningProcess> {
  return startNode([builtBin(), ...args]);
}

/** Runs the command to its end and gives what it printed as JSON. @throws when it ended with a code not in `codes` */
export async function cliJson<T>(
  args: readonly string[],
  codes: readonly number[] = [0, 1],
): Promise<T & EndedProcess> {
  const { ended } = await startCli([...args, '--json']);
  const result = await ended;
  if (result.code === undefined || !codes.includes(result.code)) {
    throw new Error(`cognito-cutover ${args[0]} ended with ${result.code}: ${result.stderr.slice(-2000)}`);
  }
  return { ...JSON.parse(result.stdout), ...result };
}

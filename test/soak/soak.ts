/**
 * Servers with the middleware beside one without, under as much load as the machine can take, while keys rotate and what they depend on
 * fails: every answer is compared with a model, and memory has to stay as it is.
 *
 *     npm run soak -- [--minutes 30 | --seconds 20] [--processes 2] [--connections 8] [--seed N] [--max-requests N]
 */
import { parseArgs } from 'node:util';
import { randomFrom } from '../support/cognito-simulator/random.js';
import { SoakPools } from './soak-pools.js';
import { LoadProcess, SoakServer } from './soak-processes.js';
import { keepSigning, MAX_TOKENS, misfortunes, pause, SERVER_SECONDS, stockUp } from './soak-scenario.js';
import { printed } from './soak-verdict.js';

const MOST_MINUTES = 24 * 60;
const MOST_REQUESTS = 1_000_000_000;

const { values: given } = parseArgs({
  options: {
    minutes: { type: 'string' },
    seconds: { type: 'string' },
    processes: { type: 'string', default: '2' },
    connections: { type: 'string', default: '8' },
    seed: { type: 'string' },
    'max-requests': { type: 'string', default: `${MOST_REQUESTS}` },
  },
});

function numberOf(option: string, value: string, most: number): number {
  const number = Number(value);
  if (number > 0 && number <= most) return number;
  process.stderr.write(`error: --${option} must be a number up to ${most}\n`);
  process.exit(2);
}
const seconds =
  given.seconds === undefined
    ? 60 * numberOf('minutes', given.minutes ?? '30', MOST_MINUTES)
    : numberOf('seconds', given.seconds, 60 * MOST_MINUTES);
const processes = numberOf('processes', given.processes, 16);
const seed = numberOf('seed', given.seed ?? `${1 + Math.floor(Math.random() * 1e9)}`, 2 ** 32);

const children: { end(): void }[] = [];
const over = new AbortController();
let isInterrupted = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    isInterrupted = true;
    over.abort();
  });
}

const started = performance.now();
const elapsed = () => (performance.now() - started) / 1000;
const note = (text: string) => console.log(`${elapsed().toFixed(0).padStart(6)} s  ${text}`);

async function soak(): Promise<number> {
  console.log(`${seconds} s, ${processes} processes, seed ${seed}`);
  const pools = await SoakPools.start(randomFrom(seed));
  const legacy = pools.pool('legacy');
  const fresh = pools.pool('new');
  const common = {
    pools: { legacy: legacy.options, new: fresh.options },
    maxTokens: MAX_TOKENS,
    breakerSeconds: SERVER_SECONDS.breaker,
    keys: {
      refreshSeconds: SERVER_SECONDS.refresh,
      cooldownSeconds: SERVER_SECONDS.cooldown,
      timeoutMs: SERVER_SECONDS.timeout * 1000,
    },
  };
  const servers: SoakServer[] = [];
  for (let n = 0; n < processes; n += 1) {
    // Every second server has nobody to ask for a legacy id.
    const server = await SoakServer.start(`server ${n + 1}`, { ...common, hasResolver: n % 2 === 0 });
    children.push(server);
    servers.push(server);
  }
  const control = await SoakServer.start('no authentication', {});
  children.push(control);
  const all = [...servers, control];
  const load = await LoadProcess.start({
    seed,
    connections: numberOf('connections', given.connections, 500),
    maxRequests: numberOf('max-requests', given['max-requests'], MOST_REQUESTS),
    issuers: { legacy: legacy.issuer, new: fresh.issuer },
    servers: all.map(({ name, port }, n) => ({ name, port, isControl: n === processes, hasResolver: n % 2 === 0 })),
  });
  children.push(load);
  const stage = { pools, load, servers, signal: over.signal, note };
  await stockUp(stage, 'legacy');
  await stockUp(stage, 'new');
  note('the load begins');
  const began = performance.now();
  const second = () => (performance.now() - began) / 1000;
  await load.tell({ go: true });
  const timer = setTimeout(() => over.abort(), seconds * 1000);
  const stopped = pause(2 ** 31 - 1, over.signal).then(() => load.tell({ stop: true }));
  const everyMs = Math.min(5_000, (seconds * 1000) / 40);
  const sampling = (async () => {
    for (let told = 0; !over.signal.aborted; ) {
      await pause(everyMs, over.signal);
      if (over.signal.aborted) return;
      for (const server of all) await server.sample(second());
      if (second() - told < 60) continue;
      told = second();
      const { requests, unexpectedCount } = await load.tell({ report: true });
      note(
        `${requests} requests, ${unexpectedCount} unexpected, heap ${servers.map(({ samples }) => samples.at(-1)?.heapMb.toFixed(1)).join(' and ')} MB`,
      );
    }
  })();
  const roundSeconds = Math.max(16, Math.min(120, seconds / 3));
  await Promise.all([sampling, keepSigning(stage), misfortunes(stage, roundSeconds), stopped]);
  clearTimeout(timer);
  const report = await stopped;
  await pools.pools.close();
  const { text, isGood } = printed({ report, servers, control, seconds: isInterrupted ? second() : seconds });
  console.log(text);
  if (isInterrupted) console.log('interrupted: no verdict on memory');
  return isGood && !isInterrupted ? 0 : isInterrupted ? 130 : 1;
}

try {
  process.exitCode = await soak();
} finally {
  for (const child of children) child.end();
}

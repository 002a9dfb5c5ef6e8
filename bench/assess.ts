/**
 * The figures of assess against the simulator, which runs in a process of its own.
 *
 *     npm run build && npx tsx bench/assess.ts [--users 1000000] [--small 100000] [--read-rps 1000]
 */
import { parseArgs } from 'node:util';
import { LEGACY_ID, NEW_ID } from '../test/assess/pools.js';
import { faultlessPools } from '../test/assess/simulated-pools.js';
import { cliJson } from '../test/support/cli-process.js';
import { type PoolOptions, startSimulatorProcess } from '../test/support/cognito-simulator/index.js';

const { values: given } = parseArgs({
  options: {
    users: { type: 'string', default: '1000000' },
    small: { type: 'string', default: '100000' },
    'read-rps': { type: 'string', default: '1000' },
  },
});

const CLIENTS = 20;
const MOST_MB = 300;
const MOST_CALLS = 3;

/** With enough app clients that a call per client would be visible. */
function withClients(pool: PoolOptions): PoolOptions {
  const [model] = pool.clients ?? [];
  const clients = Array.from({ length: CLIENTS }, (_, at) => ({
    ...model,
    ClientId: `client${at}`,
    ClientName: `app ${at}`,
  }));
  return { ...pool, clients };
}

async function measure(users: number): Promise<void> {
  const simulator = await startSimulatorProcess({ quotas: null, pools: faultlessPools(users).map(withClients) });
  try {
    const { usage, seconds } = await cliJson([
      'assess',
      ...['--legacy-pool', LEGACY_ID, '--legacy-endpoint', simulator.endpoint],
      ...['--new-pool', NEW_ID, '--new-endpoint', simulator.endpoint, '--read-rps', given['read-rps']],
    ]);
    const { operations } = await simulator.ask('report', null);
    const calls = Object.entries(operations)
      .filter(([name]) => name !== 'ListUsers')
      .reduce((sum, [, { attempts }]) => sum + attempts, 0);
    // Two pools, with their app clients and one identity provider each.
    const perResource = calls / (2 * (CLIENTS + 1));
    const peakMb = usage?.peakMb ?? Number.NaN;
    const name = `assess of ${users.toLocaleString('en')} + ${users.toLocaleString('en')} users`;
    print(`${name}: peak memory`, peakMb, 'MB', MOST_MB);
    print(`${name}: calls besides ListUsers per client and provider`, perResource, '', MOST_CALLS);
    print(`${name}: CPU`, usage?.cpuSeconds ?? Number.NaN, 's');
    print(`${name}: time`, seconds, 's');
  } finally {
    await simulator.close();
  }
}

function print(figure: string, measured: number, unit: string, most = Number.POSITIVE_INFINITY): void {
  const limit = most === Number.POSITIVE_INFINITY ? '' : `(at most ${most} ${unit})`;
  console.log(`${figure.padEnd(84)} ${measured.toFixed(1).padStart(8)} ${unit} ${limit}`);
  if (!(measured <= most)) process.exitCode = 1;
}

await measure(Number(given.small));
await measure(Number(given.users));

/**
 * The figures of plan and apply against the simulator, which runs in a process of its own.
 *
 *     npm run bench:backfill -- [--users 1000000] [--small 100000] [--seconds 60] [--only quota,plan,read,night,apply] [--json]
 */
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { cliJson, type ProcessUsage, startCli, startNode } from '../test/support/cli-process.js';
import {
  LEGACY_POOL,
  migrationPair,
  NEW_POOL,
  type PopulationShares,
  type SimulatorOptions,
  type SimulatorProcess,
  startSimulatorProcess,
} from '../test/support/cognito-simulator/index.js';

import { shareQuota } from '../test/support/quota-model.js';

const { values: given } = parseArgs({
  options: {
    users: { type: 'string', default: '1000000' },
    small: { type: 'string' },
    seconds: { type: 'string', default: '60' },
    only: { type: 'string', default: 'quota,plan,read,night,apply' },
    json: { type: 'boolean', default: false },
  },
});
const users = Number(given.users);
const small = Number(given.small ?? users / 10);
const seconds = Number(given.seconds);
/** The documented quotas, and the latency of real answers. */
const REAL = { quotas: {}, latencyMs: [40, 150] } satisfies Partial<SimulatorOptions>;
const UNLIMITED_RPS = 1000;
const SHARES = { federated: 0.1, unverified: 0.02, duplicate: 0.01, caseDiffering: 0.1, mapped: 0.1 };

interface Figure {
  figure: string;
  measured: number;
  unit: string;
  /** The required maximum or minimum. */
  limit?: { most: number } | { least: number };
}
const figures: Figure[] = [];

function report(figure: string, measured: number, unit: string, limit?: Figure['limit']): void {
  figures.push({ figure, measured, unit, ...(limit === undefined ? {} : { limit }) });
  if (given.json) return;
  const wanted =
    limit === undefined
      ? ''
      : 'most' in limit
        ? `(at most ${limit.most} ${unit})`
        : `(at least ${limit.least} ${unit})`;
  console.log(`${figure.padEnd(64)} ${measured.toFixed(1).padStart(9)} ${unit} ${wanted}${missed(limit, measured)}`);
}

const missed = (limit: Figure['limit'], measured: number) =>
  limit !== undefined && ('most' in limit ? measured > limit.most : measured < limit.least) ? '  MISSED' : '';

async function withSimulator<T>(
  count: number,
  options: Partial<SimulatorOptions>,
  work: (simulator: SimulatorProcess, args: readonly string[], folder: string) => Promise<T>,
  { shares = SHARES, closed = false }: { shares?: Partial<PopulationShares>; closed?: boolean } = {},
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'cutover-bench-'));
  const others = shares === SHARES ? count / 20 : 0;
  const [legacy, fresh] = migrationPair({ users: count, notMigrated: others, newBorn: others, shares });
  const settings = { AdminCreateUserConfig: { AllowAdminCreateUserOnly: true } };
  const pools = [closed ? { ...legacy, settings } : legacy, fresh];
  const simulator = await startSimulatorProcess({ quotas: null, ...options, pools });
  const args = [
    ...['--legacy-pool', LEGACY_POOL, '--legacy-endpoint', simulator.endpoint],
    ...['--new-pool', NEW_POOL, '--new-endpoint', simulator.endpoint, '--state', join(folder, 'cutover.db')],
  ];
  try {
    return await work(simulator, args, folder);
  } finally {
    await simulator.close();
    await rm(folder, { recursive: true });
  }
}

/** CPU seconds of a running process, on Linux. */
async function cpuOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const [user = 0, system = 0] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13)
    .map(Number);
  return (user + system) / 100;
}

/** Megabytes of all files of a folder. */
async function megabytesOf(folder: string): Promise<number> {
  const sizes = await Promise.all(
    (await readdir(folder)).map(async (name) => (await stat(join(folder, name)).catch(() => undefined))?.size ?? 0),
  );
  return sizes.reduce((sum, size) => sum + size, 0) / 1e6;
}

interface PlanFigures extends ProcessUsage {
  seconds: number;
  /** Peak size of the state file and all files next to it, in megabytes. */
  peakDiskMb: number;
  pages: number;
  /** CPU seconds of the process from the first page to the last. Linux only. */
  listingCpuSeconds: number;
  bareCpuSeconds: number;
}

/** CPU seconds of the SDK alone for one page. */
async function bareCpuOfPage(endpoint: string): Promise<number> {
  const script = fileURLToPath(new URL('bare-listing.ts', import.meta.url));
  const { code, stdout, stderr } = await (await startNode(['--import', 'tsx', script, endpoint, LEGACY_POOL, NEW_POOL]))
    .ended;
  if (code !== 0) throw new Error(stderr);
  const { pages, cpuSeconds }: { pages: number; cpuSeconds: number } = JSON.parse(stdout);
  return cpuSeconds / pages;
}

async function measurePlan(count: number): Promise<PlanFigures> {
  return withSimulator(count, {}, async (simulator, args, folder) => {
    const before = await bareCpuOfPage(simulator.endpoint);
    await simulator.ask('resetStats', null);

    const cli = await startCli(['plan', ...args, '--read-rps', `${UNLIMITED_RPS}`, '--json']);
    let peakDiskMb = 0;
    const samples: { at: number; cpuSeconds: number }[] = [];
    const sampler = setInterval(async () => {
      const cpuSeconds = await cpuOf(cli.pid).catch(() => undefined);
      if (cpuSeconds !== undefined) samples.push({ at: Date.now(), cpuSeconds });
      peakDiskMb = Math.max(peakDiskMb, await megabytesOf(folder));
    }, 100);
    const ended = await cli.ended;
    clearInterval(sampler);
    if (ended.usage === undefined || (ended.code !== 0 && ended.code !== 1)) throw new Error(ended.stderr);
    const { operations, span } = await simulator.ask('report', null);
    const pages = operations['ListUsers']?.accepted ?? 0;
    // Before and after, because the load of the machine changes.
    const barePerPage = (before + (await bareCpuOfPage(simulator.endpoint))) / 2;
    const cpuAt = (moment: number) => samples.findLast(({ at }) => at <= moment)?.cpuSeconds ?? Number.NaN;
    return {
      ...ended.usage,
      seconds: ended.seconds,
      peakDiskMb,
      pages,
      listingCpuSeconds: cpuAt(span.UserList[1]) - cpuAt(span.UserList[0]),
      bareCpuSeconds: barePerPage * pages,
    };
  });
}

async function planFigures(): Promise<void> {
  const peaks: number[] = [];
  for (const count of [small, users]) {
    const figures = await measurePlan(count);
    const { peakMb, peakDiskMb, longestBlockMs, cpuSeconds, listingCpuSeconds, bareCpuSeconds, pages } = figures;
    const name = `plan of ${count.toLocaleString('en')} + ${count.toLocaleString('en')} users`;
    peaks.push(peakMb);
    report(`${name}: peak memory`, peakMb, 'MB', { most: 300 });
    report(`${name}: longest blocking step`, longestBlockMs / 1000, 's', { most: 1 });
    report(`${name}: most on the disk`, peakDiskMb, 'MB');
    report(`${name}: time at no limit`, figures.seconds, 's');
    report(`${name}: pages`, pages, '');
    report(`${name}: CPU of the bare SDK a page`, (bareCpuSeconds / pages) * 1000, 'ms');
    report(`${name}: CPU of listing a page`, (listingCpuSeconds / pages) * 1000, 'ms');
    report(`${name}: listing's CPU beyond the SDK's`, (listingCpuSeconds / bareCpuSeconds - 1) * 100, '%', {
      most: 40,
    });
    report(`${name}: whole plan's CPU beyond the SDK's`, (cpuSeconds / bareCpuSeconds - 1) * 100, '%');
  }
  const [before = 1, after = 1] = peaks;
  report('peak memory of the large plan against the small one', (after / before - 1) * 100, '%', { most: 20 });
}

async function readFigures(): Promise<void> {
  const rps = 25;
  const count = Math.round((rps * seconds * 60) / 2);
  await withSimulator(count, REAL, async (simulator, args) => {
    const { usage } = await cliJson(['plan', ...args, '--read-rps', `${rps}`]);
    const { operations, span } = await simulator.ask('report', null);
    const { attempts = 0, throttled = 0 } = operations['ListUsers'] ?? {};
    const used = attempts / (((span.UserList[1] - span.UserList[0]) / 1000) * rps);
    report(`listing at --read-rps ${rps}: share of the budget used`, used * 100, '%', { least: 95 });
    report(`listing at --read-rps ${rps}: most sent in any second`, usage?.mostPerSecond['ListUsers'] ?? 0, '', {
      most: rps + 1,
    });
    report(`listing at --read-rps ${rps}: throttled`, throttled, '');
  });
}

async function applyFigures(): Promise<void> {
  const rps = 25;
  await withSimulator(rps * seconds * 2, { latencyMs: REAL.latencyMs }, async (simulator, args) => {
    await cliJson(['plan', ...args, '--read-rps', `${UNLIMITED_RPS}`]);
    await simulator.ask('setQuotas', { quotas: REAL.quotas });
    await simulator.ask('resetStats', null);
    const writes = Math.round(rps * seconds * 1.1);
    const { usage } = await cliJson(['apply', ...args, '--rps', `${rps}`, '--max-writes', `${writes}`, '--yes']);
    const { operations: counts } = await simulator.ask('report', null);
    const journal = await simulator.ask('journal', { pool: NEW_POOL });
    const first = journal[0]?.at ?? 0;
    const inTime = journal.filter(({ at }) => at < first + seconds * 1000).length;
    const name = `apply at --rps ${rps}, quota 25`;
    report(`${name}: share of the rate over ${seconds} s`, (inTime / (rps * seconds)) * 100, '%', { least: 98 });
    report(`${name}: throttled`, counts['AdminUpdateUserAttributes']?.throttled ?? 0, '');
    if (usage === undefined) return;
    const { mostPerSecond, peakMb } = usage;
    report(`${name}: most sent in any second`, mostPerSecond['AdminUpdateUserAttributes'] ?? 0, '', { most: rps + 1 });
    report(`${name}: peak memory`, peakMb, 'MB', { most: 300 });
  });
}

/** A run without changes: every user carries the right value, and the legacy pool is closed for sign-up. */
async function nightFigures(): Promise<void> {
  await withSimulator(
    users,
    {},
    async (simulator, args) => {
      const listUsers = async () => {
        const { operations } = await simulator.ask('report', null);
        await simulator.ask('resetStats', null);
        return operations['ListUsers']?.attempts ?? 0;
      };
      const fast = [...args, '--read-rps', `${UNLIMITED_RPS}`];
      await cliJson(['plan', ...fast]);
      const before = await listUsers();
      const night = await cliJson(['sync', ...fast, '--reuse-legacy-listing', '--yes']);
      const name = `a night without changes, ${users.toLocaleString('en')} + ${users.toLocaleString('en')} users`;
      report(`${name}: ListUsers calls, of those of a plan of both pools`, ((await listUsers()) / before) * 100, '%', {
        most: 50,
      });
      report(`${name}: time at no limit`, night.seconds, 's');
    },
    { shares: { mapped: 1 }, closed: true },
  );
}

/** How many calls of the account's own users fail while a writer runs, in a model of the quota, over an hour. */
async function quotaFigures(): Promise<void> {
  for (const rps of [10, 20]) {
    for (const endUsers of [2, 4, 8, 14]) {
      const { written, oursThrottled, theirsThrottled } = await shareQuota({ rps, endUsers, seconds: 3600 });
      const name = `apply at --rps ${rps} beside ${endUsers} calls of end users a second`;
      report(`${name}: theirs that fail`, theirsThrottled * 100, '%', { most: 1 });
      report(`${name}: ours that fail`, oursThrottled * 100, '%');
      report(`${name}: ours that get through`, written, '/s');
    }
  }
}

const only = given.only.split(',');
if (only.includes('quota')) await quotaFigures();
if (only.includes('plan')) await planFigures();
if (only.includes('read')) await readFigures();
if (only.includes('night')) await nightFigures();
if (only.includes('apply')) await applyFigures();
if (given.json) console.log(JSON.stringify(figures, undefined, 2));

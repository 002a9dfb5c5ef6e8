import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cliJson, startCli } from './cli-process.js';
import { LEGACY_POOL, migrationPair, NEW_POOL, type Simulator, startSimulator } from './cognito-simulator/index.js';
import { type Random, randomFrom } from './cognito-simulator/random.js';

const ATTRIBUTE = 'custom:legacy_sub';
/** Writes that apply keeps in flight at a time: so many may be repeated after a kill. */
export const WRITES_IN_FLIGHT = 8;

const WRITE = 'AdminUpdateUserAttributes';
/** Kills at any moment fall within this time of the start. */
const MOST_STARTUP_MS = 1500;
/** A process that makes no progress is ended after this. */
const HANGS_MS = 60_000;

type Killable = 'plan' | 'apply';

export interface KillTrialOptions {
  users: number;
  seed: number;
  /** Kills of plan, and kills of apply. */
  kills: number;
}

/** What a migration leads to; equal after any number of kills. */
interface MigrationResult {
  plan: Record<string, unknown>;
  verify: Record<string, unknown>;
  /** The lines of the report, sorted. */
  report: string[];
  /** The attribute of every new-pool user. */
  values: Record<string, string>;
}

export interface KillTrialResult extends MigrationResult {
  /** How many kills hit a running process, of those asked for. */
  kills: Record<Killable, number>;
  writes: number;
  /** Writes to users who had been written already. */
  repeated: number;
  /** Those of them that no kill explains. */
  repeatedWithoutKill: number;
  /** The most that one kill explains: what was in flight then. */
  mostRepeatedByOneKill: number;
}

/** Plans and applies a migration, killing the process at random moments, until it is through. */
export async function runKillTrial({ users, seed, kills }: KillTrialOptions): Promise<KillTrialResult> {
  const random = randomFrom(seed * 7919);
  const folder = await mkdtemp(join(tmpdir(), 'cutover-kill-'));
  const simulator = await startSimulator({
    quotas: null,
    latencyMs: [1, 6],
    pools: migrationPair({
      users,
      notMigrated: Math.round(users / 20),
      newBorn: Math.round(users / 20),
      shares: {
        federated: 0.1,
        unverified: 0.05,
        duplicate: 0.05,
        caseDiffering: 0.1,
        mapped: 0.1,
        wronglyMapped: 0.02,
      },
    }).map((pool) => ({ ...pool, listing: { emptyPages: 0.05, repeats: 0.1 } })),
    onRequest: ({ operation }) => {
      for (const listener of trial.onRequest) listener(operation);
    },
  });
  const trial: Trial = { simulator, random, state: join(folder, 'cutover.db'), onRequest: new Set() };
  const boundaries = boundariesOfWriting(trial);
  try {
    const planKills = await killRepeatedly(trial, 'plan', kills, (users * 2) / 60);
    const plan = await cliJson<Record<string, unknown>>(planArgs(trial));
    const applyKills = await killRepeatedly(trial, 'apply', kills, users / 2);
    await cliJson(applyArgs(trial));
    const verify = await cliJson<Record<string, unknown>>(['verify', ...commonArgs(trial), '--read-rps', '1000']);
    const csv = join(folder, 'report.csv');
    await cliJson(['report', ...commonArgs(trial), '--csv', csv]);
    return {
      plan: numbersOf(plan),
      verify: numbersOf(verify),
      report: (await readFile(csv, 'utf8')).split('\n').sort(),
      values: valuesOf(simulator),
      kills: { plan: planKills, apply: applyKills },
      ...repetitions(simulator, boundaries),
    };
  } finally {
    await simulator.close();
    await rm(folder, { recursive: true });
  }
}

interface Trial {
  simulator: Simulator;
  random: Random;
  state: string;
  onRequest: Set<(operation: string) => void>;
  /** Whether a process was killed since the last write. */
  killed?: boolean;
}

/** Where in the new pool's journal the writes of a resumed process begin. Filled while the trial runs. */
function boundariesOfWriting(trial: Trial): readonly number[] {
  const boundaries: number[] = [];
  trial.onRequest.add((operation) => {
    if (operation !== WRITE || trial.killed !== true) return;
    trial.killed = false;
    boundaries.push(trial.simulator.pool(NEW_POOL).journal.length);
  });
  return boundaries;
}

const commonArgs = ({ simulator: { endpoint }, state }: Trial) => [
  ...['--legacy-pool', LEGACY_POOL, '--legacy-endpoint', endpoint],
  ...['--new-pool', NEW_POOL, '--new-endpoint', endpoint, '--state', state],
];
const planArgs = (trial: Trial) => ['plan', ...commonArgs(trial), '--read-rps', '1000'];
const applyArgs = (trial: Trial) => ['apply', ...commonArgs(trial), '--rps', '1000', '--quota', '1000', '--yes'];

/**
 * Starts the command `times` times and kills it: half of the times a moment after a random request, so that the moments
 * lie in the work; half of the times at any moment from its start on.
 *
 * @returns how many of the kills hit a running process
 */
async function killRepeatedly(trial: Trial, command: Killable, times: number, requests: number): Promise<number> {
  const { random, onRequest, simulator } = trial;
  let hits = 0;
  for (let kill = 0; kill < times; kill++) {
    const cli = await startCli(command === 'plan' ? planArgs(trial) : applyArgs(trial));
    let left = kill % 2 === 0 ? 1 + Math.floor((random() * requests) / times) : Number.POSITIVE_INFINITY;
    const delayMs = random() * 10;
    const listener = (operation: string) => {
      if (operation === (command === 'plan' ? 'ListUsers' : WRITE) && --left === 0) setTimeout(cli.kill, delayMs);
    };
    const timer = setTimeout(cli.kill, kill % 2 === 0 ? HANGS_MS : random() * MOST_STARTUP_MS);
    onRequest.add(listener);
    const { code } = await cli.ended;
    clearTimeout(timer);
    onRequest.delete(listener);
    // What the killed process had sent may still arrive.
    await simulator.idle();
    if (code !== undefined) continue;
    hits++;
    trial.killed = true;
  }
  return hits;
}

/** What the counts of a result are, without what differs from run to run. */
function numbersOf(result: Record<string, unknown>): Record<string, unknown> {
  const { code, stdout, stderr, seconds, usage, ...numbers } = result;
  return numbers;
}

function valuesOf(simulator: Simulator): Record<string, string> {
  const users = [...simulator.pool(NEW_POOL).users.all()];
  return Object.fromEntries(users.map(({ username, attributes }) => [username, attributes[ATTRIBUTE] ?? '']));
}

function repetitions(simulator: Simulator, boundaries: readonly number[]) {
  const last = new Map<string, number>();
  const byKill = new Map<number, number>();
  let repeated = 0;
  const { journal } = simulator.pool(NEW_POOL);
  for (const [at, { username }] of journal.entries()) {
    const before = last.get(username);
    last.set(username, at);
    if (before === undefined) continue;
    repeated++;
    const boundary = boundaries.findLast((position) => position <= at) ?? 0;
    const kill = before < boundary ? boundary : -1;
    byKill.set(kill, (byKill.get(kill) ?? 0) + 1);
  }
  const repeatedWithoutKill = byKill.get(-1) ?? 0;
  byKill.delete(-1);
  return {
    writes: journal.length,
    repeated,
    repeatedWithoutKill,
    mostRepeatedByOneKill: Math.max(0, ...byKill.values()),
  };
}

import { readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { ConfigurationError } from '../../../../src/errors.js';
import { runApply } from '../../../../src/migrate/apply.js';
import { readControl } from '../../../../src/migrate/control/control.js';
import type { Hook } from '../../../../src/migrate/control/hooks.js';
import { outside } from '../../../../src/migrate/control/hours.js';
import { MigrationError } from '../../../../src/migrate/migration-error.js';
import { runPlan } from '../../../../src/migrate/plan.js';
import { openState } from '../../../../src/migrate/state/state.js';
import { AutoClock } from '../../../migrate/support/auto-clock.js';
import { FakeDirectory, type FakeUser } from '../../../migrate/support/fake-directory.js';
import { assertNoCanary } from '../../canary.js';
import { type FuzzTarget, fuzzTarget } from '../../fuzz-target.js';
import { assertWellEnded, runCommand } from '../command-run.js';
import { oddValue } from '../json-mutants.js';
import { Scratch } from '../scratch.js';

const USERS = 40;
/** What Cognito allows an account. */
const QUOTA = 25;
const DEFAULT_RPS = 10;

type Key = 'control' | 'mostRps' | 'waiting' | 'holders';

type Input =
  | {
      readonly kind: 'state';
      readonly key: Key;
      readonly value: unknown;
      readonly command: 'pace' | 'status' | 'apply';
    }
  | { readonly kind: 'hours'; readonly between: string; readonly zone: keyof typeof ZONES; readonly minute: number }
  | { readonly kind: 'hook'; readonly at: number; readonly message: string };

/** Zones whose clocks never change, in minutes from UTC. */
const ZONES = {
  UTC: 0,
  'Asia/Kolkata': 330,
  'Etc/GMT+5': -300,
  'Asia/Kathmandu': 345,
  'Pacific/Kiritimati': 840,
} as const;

const rps = fc.oneof(fc.constantFrom<unknown>(null, 5, 0.1, 1000, 0, -1, 1e9, '5', 0.01, 1e308), oddValue);
const control = fc.oneof(
  { weight: 3, arbitrary: fc.record({ rps, paused: fc.oneof(fc.boolean(), fc.boolean(), oddValue) }) },
  fc.record({ rps }),
  oddValue,
);
const waiting = fc.record({ main: fc.oneof(oddValue, fc.record({ reason: oddValue, since: oddValue })) });
const holder = fc.record({
  host: fc.oneof(fc.constant(hostname()), oddValue),
  pid: fc.oneof(fc.constantFrom(0x7fff_ffff, -1, 0), oddValue),
  started: oddValue,
  inode: oddValue,
});
const state = fc.oneof(
  { weight: 4, arbitrary: control.map((value) => ({ key: 'control' as const, value })) },
  oddValue.map((value) => ({ key: 'mostRps' as const, value })),
  fc.oneof(waiting, oddValue).map((value) => ({ key: 'waiting' as const, value })),
  fc
    .oneof(fc.record({ main: fc.oneof(oddValue, holder), plan: oddValue }), oddValue)
    .map((value) => ({ key: 'holders' as const, value })),
);
const two = fc.integer({ min: 0, max: 70 }).map((number) => String(number).padStart(2, '0'));
const time = fc.oneof(
  fc.tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 })).map(([hour, minute]) => {
    return `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
  }),
  fc.tuple(two, two).map(([hour, minute]) => `${hour}:${minute}`),
);
const input: fc.Arbitrary<Input> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .tuple(state, fc.constantFrom('pace' as const, 'status' as const, 'apply' as const))
      .map(([given, command]) => ({ kind: 'state' as const, ...given, command })),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('hours' as const),
      between: fc.oneof(
        { weight: 5, arbitrary: fc.tuple(time, time).map(([from, to]) => `${from}-${to}`) },
        fc.string({ maxLength: 12 }),
      ),
      zone: fc.constantFrom(...(Object.keys(ZONES) as (keyof typeof ZONES)[])),
      minute: fc.nat(60 * 24 * 3),
    }),
  },
  fc.record({
    kind: fc.constant('hook' as const),
    at: fc.nat(3),
    message: fc.string({ unit: 'binary', maxLength: 40 }),
  }),
);

const people = (side: string): FakeUser[] =>
  Array.from({ length: USERS }, (_, n) => ({
    username: `user${n}`,
    sub: `${side}-${n}`,
    attributes: { email: `user${n}@example.com`, email_verified: 'true' },
  }));

/** The rate that the command must not exceed, as its documentation says; `undefined` for a value that `pace` never wrote. */
function allowedRate(key: Key, value: unknown): { readonly rps: number; readonly paused: boolean } | undefined {
  if (key !== 'control') return { rps: DEFAULT_RPS, paused: false };
  const { rps, paused } = (value ?? {}) as { rps?: unknown; paused?: unknown };
  if (typeof paused !== 'boolean') return undefined;
  if (rps === null) return { rps: DEFAULT_RPS, paused };
  return typeof rps === 'number' && rps >= 0.1 && rps <= 1000 ? { rps: Math.min(rps, QUOTA), paused } : undefined;
}

/** Whether the hour is one in which to write, counted in minutes; `undefined` where the text says no hours. */
function isInsideByHand(between: string, localMinute: number): boolean | undefined {
  const parts = /^(\d\d):(\d\d)-(\d\d):(\d\d)$/.exec(between)?.slice(1).map(Number);
  if (parts === undefined) return undefined;
  const [fromHour = 0, fromMinute = 0, toHour = 0, toMinute = 0] = parts;
  if (fromHour > 23 || toHour > 23 || fromMinute > 59 || toMinute > 59) return undefined;
  const day = 24 * 60;
  const [from, to] = [fromHour * 60 + fromMinute, toHour * 60 + toMinute];
  if (from === to) return undefined;
  const sinceFrom = (localMinute - from + 2 * day) % day;
  return sinceFrom < (to - from + day) % day;
}

/** What is put in the place of the code to plant faults. */
export interface ControlParts {
  readonly readControl: typeof readControl;
  readonly outside: typeof outside;
  readonly runApply: typeof runApply;
}

function checkHours(hold: ControlParts['outside'], { between, zone, minute }: Extract<Input, { kind: 'hours' }>): void {
  const start = Date.UTC(2026, 0, 15);
  const expected = isInsideByHand(between, (minute + ZONES[zone] + 2 * 24 * 60) % (24 * 60));
  let reason: unknown;
  try {
    reason = hold({ between, timeZone: zone }, () => start + minute * 60_000)();
  } catch (error) {
    if (expected !== undefined || !(error instanceof ConfigurationError)) throw error;
    return;
  }
  if (expected === undefined) throw new Error(`hours were made of ${JSON.stringify(between)}`);
  if ((reason === undefined) !== expected) throw new Error(`${between} in ${zone}: ${reason} at minute ${minute}`);
}

/** The most writes in any one second. */
function mostPerSecond(times: readonly number[]): number {
  return Math.max(0, ...times.map((at, first) => times.slice(first).filter((one) => one < at + 1000).length));
}

export const controlValuesBy = (parts: ControlParts): FuzzTarget =>
  fuzzTarget<Input>({
    name: 'control-values',
    boundary: 'what a state says of pace, pause, hours and hooks',
    async start() {
      const scratch = new Scratch();
      const planned = scratch.path('planned.db');
      const clock = new AutoClock();
      const opened = openState({ path: planned, access: 'plan' });
      const pools = () => ({
        legacyPools: [new FakeDirectory('old_1', { users: people('old') })],
        newPool: new FakeDirectory('new_1', { users: people('new') }),
      });
      await runPlan({ state: opened, clock, ...pools() });
      opened.close();
      const bytes = readFileSync(planned);

      const apply = async (path: string, hook?: Hook) => {
        const time = new AutoClock();
        const stop = new AbortController();
        let waits = 0;
        const pool = new FakeDirectory('new_1', { users: people('new'), clock: time });
        let state: ReturnType<typeof openState> | undefined;
        try {
          state = openState({ path, access: 'write' });
          await parts.runApply({
            ...{ state, newPool: pool, clock: time, signal: stop.signal, ...(hook === undefined ? {} : { hook }) },
            onProgress: ({ type }) => {
              if (type === 'waiting') waits += 1;
              if (waits > 2) stop.abort(new Error('waited long enough'));
            },
          });
          return { pool, writes: pool.writes.map(({ at }) => at), error: undefined };
        } catch (error) {
          if (!(error instanceof MigrationError)) throw new Error('a run ended with a crash', { cause: error });
          assertNoCanary('the error of a run', error);
          return { pool, writes: pool.writes.map(({ at }) => at), error };
        } finally {
          state?.close();
        }
      };

      const checkState = async (path: string, { key, value, command }: Extract<Input, { kind: 'state' }>) => {
        const text = JSON.stringify(value);
        if (text === undefined) return;
        const state = openState({ path, access: 'control' });
        state.meta.set(key, value as never);
        const allowed = allowedRate(key, JSON.parse(text));
        try {
          const read = parts.readControl(state);
          if (allowed === undefined) throw new Error(`${text} was taken for ${JSON.stringify(read)}`);
        } catch (error) {
          if (!(error instanceof MigrationError) || error.code !== 'ERR_STATE_INVALID' || allowed !== undefined)
            throw error;
        } finally {
          state.close();
        }
        if (command !== 'apply') {
          const run = await runCommand([command, '--state', path, '--json']);
          assertWellEnded(`${command} with ${key} ${text.slice(0, 200)}`, run);
          return;
        }
        const { writes, error } = await apply(path);
        const what = `apply with ${key} ${text.slice(0, 200)}`;
        if (error === undefined && writes.length !== USERS) throw new Error(`${what}: wrote ${writes.length}`);
        const most = mostPerSecond(writes);
        if (allowed === undefined ? writes.length > 0 : allowed.paused ? writes.length > 0 : most > allowed.rps + 1)
          throw new Error(`${what}: wrote ${writes.length}, ${most} in a second`);
        if (error !== undefined && !['ERR_STATE_INVALID', 'ERR_INTERRUPTED', 'ERR_STATE_LOCKED'].includes(error.code))
          throw new Error(`${what}: ended with ${error.code}`);
      };

      /** A hook that fails stops the run, whatever it says; what was written by then is no more than the run had begun. */
      const checkHook = async (path: string, { at, message }: Extract<Input, { kind: 'hook' }>) => {
        const events: string[] = [];
        const { writes, error } = await apply(path, async (event) => {
          events.push(event);
          if (events.length - 1 === at) throw new Error(message);
        });
        if (at === 0 && writes.length > 0) throw new Error('wrote although the hook failed at the start');
        if (at === 0 && error?.code !== 'ERR_HOOK') throw new Error(`a failed hook ended with ${error?.code}`);
        if (at > 0 && error !== undefined)
          throw new Error(`a hook that failed at the end ended the run`, { cause: error });
      };

      return {
        input,
        check: (given) => {
          if (given.kind === 'hours') return checkHours(parts.outside, given);
          return scratch.within(async (folder) => {
            const path = join(folder, 'cutover.db');
            writeFileSync(path, bytes);
            await (given.kind === 'state' ? checkState(path, given) : checkHook(path, given));
          });
        },
        close: () => scratch.close(),
      };
    },
  });

export const controlValues = controlValuesBy({ readControl, outside, runApply });

import type { DrainInstance, DrainRun } from '../drain-types.js';
import { groupedBy } from './drain-sums.js';

/** A run that has not reported for so many of its flushes has stopped reporting. */
export const SILENT_FLUSHES = 3;
/** Clocks of two machines may differ by so much. */
export const CLOCK_TOLERANCE_MS = 60_000;
/** An instance that is back within it was restarted. One that was away for longer may have served meanwhile without counting. */
const RESTART_MS = 180_000;

/** A time in which legacy tokens may have come without being counted. */
export interface Gap {
  readonly from: number;
  readonly until: number;
  /** `lost`: an instance ended without writing what it had counted last. `nobody`, `few`: none was counting, or fewer than are expected. */
  readonly kind: 'lost' | 'nobody' | 'few';
  readonly instance?: string;
}

/** Who has counted, and from when to when. */
export interface Coverage {
  readonly runs: readonly DrainRun[];
  readonly gaps: readonly Gap[];
  /** Since when all that are expected have counted, gaps aside; `undefined` if they never have. */
  readonly start: { readonly at: number; readonly instance: string } | undefined;
  /** Names of instances, each once. */
  readonly counting: readonly string[];
  readonly silent: readonly string[];
  /** Several runs of one name count at the same time, so that the silence of one would not be noticed. */
  readonly doubled: readonly string[];
  readonly clockAhead: readonly string[];
  readonly lambda: readonly string[];
}

interface Judged extends DrainInstance {
  readonly state: DrainRun['state'];
  readonly gap: Gap | undefined;
  /** When it counted last, as far as is known. */
  readonly until: number;
}

/** @param expected how many instances count at any time, if that is known */
export function coverageOf(instances: readonly DrainInstance[], now: number, expected: number | undefined): Coverage {
  const judged = [...groupedBy(instances, ({ instance }) => instance).values()].flatMap((runs) => judgeAll(runs, now));
  const inState = (state: DrainRun['state']) => judged.filter((run) => run.state === state);
  const counting = inState('counting');
  return {
    runs: judged
      .toSorted((a, b) => b.reportedAt - a.reportedAt)
      .map(({ instance, run, state, startedAt, reportedAt }) => ({
        instance,
        run,
        state,
        startedAt: new Date(startedAt).toISOString(),
        reportedAt: new Date(reportedAt).toISOString(),
      })),
    gaps: [
      ...judged.flatMap(({ gap }) => gap ?? []),
      ...holes(judged),
      ...(expected === undefined ? [] : dips(judged, expected)),
    ].sort((a, b) => b.until - a.until),
    start: expected === undefined ? lastAppearance(judged) : firstWith(expected, judged),
    counting: namesOf(counting),
    silent: namesOf(inState('silent')),
    doubled: [...groupedBy(counting, ({ instance }) => instance)]
      .flatMap(([name, runs]) => (runs.filter(({ lambda }) => lambda !== true).length > 1 ? [name] : []))
      .sort(),
    clockAhead: namesOf(judged.filter(({ reportedAt }) => reportedAt > now + CLOCK_TOLERANCE_MS)),
    lambda: namesOf(judged.filter(({ lambda }) => lambda === true)),
  };
}

const silenceMs = ({ flushSeconds }: DrainInstance): number => SILENT_FLUSHES * flushSeconds * 1000;
const restartMs = (run: DrainInstance): number => Math.max(RESTART_MS, silenceMs(run));

const isSibling = (one: DrainInstance, other: DrainInstance): boolean =>
  one.instance === other.instance && one.lambda !== true && other.lambda !== true;

/** Runs of one name. */
function judgeAll(runs: readonly DrainInstance[], now: number): Judged[] {
  const inOrder = runs.toSorted((a, b) => a.startedAt - b.startedAt);
  return inOrder.map((run, at) => {
    // One that started after the last report took its place. One that started before is another process of the same name.
    for (let later = at + 1; later < inOrder.length; later += 1) {
      const other = inOrder[later]!;
      if (other.startedAt >= run.reportedAt && other.startedAt > run.startedAt && isSibling(other, run)) {
        return judge(run, other.startedAt, now);
      }
    }
    return judge(run, undefined, now);
  });
}

/** @param next when the run started that took its place */
function judge(run: DrainInstance, next: number | undefined, now: number): Judged {
  const { instance, reportedAt } = run;
  const lost = (until: number): Gap => ({ from: reportedAt, until, kind: 'lost', instance });
  if (run.endedAt !== undefined) return { ...run, state: 'ended', gap: undefined, until: run.endedAt };
  if (run.goneAt !== undefined) return { ...run, state: 'gone', gap: lost(run.goneAt), until: reportedAt };
  if (next !== undefined) return { ...run, state: 'replaced', gap: lost(next), until: reportedAt };
  if (now - reportedAt <= silenceMs(run)) return { ...run, state: 'counting', gap: undefined, until: now };
  return { ...run, state: run.lambda === true ? 'ended' : 'silent', gap: undefined, until: reportedAt };
}

/** Times in which nobody counted, longer than a restart takes. */
function holes(runs: readonly Judged[]): Gap[] {
  const found: Gap[] = [];
  let last: Judged | undefined;
  for (const run of runs.toSorted((a, b) => a.startedAt - b.startedAt)) {
    if (last !== undefined && run.startedAt - last.until > silenceMs(last)) {
      found.push({ from: last.until, until: run.startedAt, kind: 'nobody' });
    }
    if (last === undefined || run.until > last.until) last = run;
  }
  return found;
}

/** Times in which fewer than expected counted, after they had all been there: the others may have served without counting. */
function dips(runs: readonly Judged[], expected: number): Gap[] {
  const changes = runs
    .flatMap(({ instance, startedAt, until, ...run }) => [
      { at: startedAt, instance, by: 1, until: startedAt },
      { at: until + restartMs({ instance, startedAt, ...run }), instance, by: -1, until },
    ])
    .sort((a, b) => a.at - b.at || b.by - a.by);
  const counting = new Map<string, number>();
  const found: Gap[] = [];
  let from: number | undefined;
  for (const { at, instance, by, until } of changes) {
    const were = counting.size;
    const left = (counting.get(instance) ?? 0) + by;
    if (left === 0) counting.delete(instance);
    else counting.set(instance, left);
    if (were >= expected && counting.size < expected) from = until;
    if (from === undefined || counting.size < expected) continue;
    found.push({ from, until: at, kind: 'few' });
    from = undefined;
  }
  return found;
}

/** Whatever an instance did before it was seen, for the first time or again after a pause, is not known: it may have served without counting. */
function lastAppearance(runs: readonly Judged[]): Coverage['start'] {
  const counted = new Map<string, number>();
  let last: Coverage['start'];
  for (const run of runs.toSorted((a, b) => a.startedAt - b.startedAt)) {
    const { instance, startedAt: at, until } = run;
    const before = counted.get(instance);
    if (before === undefined || at > before) last = { at, instance };
    counted.set(instance, Math.max(until + restartMs(run), before ?? 0));
  }
  return last;
}

/** When, for the first time, so many instances counted at once. */
function firstWith(expected: number, runs: readonly Judged[]): Coverage['start'] {
  for (const { instance, startedAt: at } of runs.toSorted((a, b) => a.startedAt - b.startedAt)) {
    const then = runs.filter(({ startedAt, until }) => startedAt <= at && at <= until);
    if (namesOf(then).length >= expected) return { at, instance };
  }
  return undefined;
}

const namesOf = (runs: readonly DrainInstance[]): string[] => [...new Set(runs.map(({ instance }) => instance))].sort();

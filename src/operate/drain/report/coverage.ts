import type { DrainInstance, DrainRun } from '../drain-types.js';

/** A run that has not reported for so many of its flushes has stopped reporting. */
export const SILENT_FLUSHES = 3;
/** Clocks of two machines may differ by so much. */
export const CLOCK_TOLERANCE_MS = 60_000;

/** A time in which legacy tokens may have come without being counted. */
export interface Gap {
  readonly from: number;
  readonly until: number;
  /** `lost`: an instance ended without writing what it had counted last. `nobody`: no instance was counting. */
  readonly kind: 'lost' | 'nobody';
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
  const judged = instances.map((run) => judge(run, instances, now));
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
    gaps: [...judged.flatMap(({ gap }) => gap ?? []), ...holes(judged)].sort((a, b) => b.until - a.until),
    start: expected === undefined ? lastFirstStart(judged) : firstWith(expected, judged),
    counting: namesOf(counting),
    silent: namesOf(inState('silent')),
    doubled: namesOf(counting.filter((run) => counting.some((other) => other !== run && isSibling(other, run)))),
    clockAhead: namesOf(judged.filter(({ reportedAt }) => reportedAt > now + CLOCK_TOLERANCE_MS)),
    lambda: namesOf(judged.filter(({ lambda }) => lambda === true)),
  };
}

const silenceMs = ({ flushSeconds }: DrainInstance): number => SILENT_FLUSHES * flushSeconds * 1000;

const isSibling = (one: DrainInstance, other: DrainInstance): boolean =>
  one.instance === other.instance && one.lambda !== true && other.lambda !== true;

function judge(run: DrainInstance, all: readonly DrainInstance[], now: number): Judged {
  const { instance, reportedAt } = run;
  const lost = (until: number): Gap => ({ from: reportedAt, until, kind: 'lost', instance });
  if (run.endedAt !== undefined) return { ...run, state: 'ended', gap: undefined, until: run.endedAt };
  if (run.goneAt !== undefined) return { ...run, state: 'gone', gap: lost(run.goneAt), until: reportedAt };
  // One that started after the last report took its place. One that started before is another process of the same name.
  const next = Math.min(
    ...all
      .filter((other) => other.run !== run.run && isSibling(other, run))
      .map(({ startedAt }) => startedAt)
      .filter((startedAt) => startedAt >= reportedAt && startedAt > run.startedAt),
  );
  if (Number.isFinite(next)) return { ...run, state: 'replaced', gap: lost(next), until: reportedAt };
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

/** Whatever an instance did before it was first seen is not known: it may have served without counting. */
function lastFirstStart(runs: readonly Judged[]): Coverage['start'] {
  const first = new Map<string, number>();
  for (const { instance, startedAt } of runs) {
    first.set(instance, Math.min(startedAt, first.get(instance) ?? Number.POSITIVE_INFINITY));
  }
  return [...first]
    .map(([instance, at]) => ({ instance, at }))
    .reduce<Coverage['start']>((last, one) => (last !== undefined && last.at >= one.at ? last : one), undefined);
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

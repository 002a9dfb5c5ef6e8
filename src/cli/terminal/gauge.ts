import { type Clock, stopwatch } from '../../clock.js';
import type { ProgressEvent } from '../../migrate/progress.js';
import { counted, formatCount } from '../../words.js';
import { formatDuration, formatPart, formatRate, formatUsers } from './format.js';

/** A report on a piece of work. */
export type Work = Exclude<ProgressEvent, { type: 'warning' | 'waiting' | 'step' }>;

/** How far one piece of work is: a share from 0 to 1, and words. */
export interface Gauge {
  readonly label: string;
  readonly share: number;
  readonly words: readonly string[];
}

/** The same for all reports of one piece of work. */
export const progressKey = (event: Work): string =>
  'userPoolId' in event ? `${event.type} ${event.userPoolId}` : event.type;

const WINDOW_MS = 10_000;

/** Speed over the last seconds: the mean since the start would hide a stall or a slow-down. */
export class Meter {
  readonly #passed: () => number;
  readonly #samples = new Map<string, { at: number; amount: number }[]>();

  constructor(clock: Clock) {
    this.#passed = stopwatch(clock);
  }

  /** Records how far a piece of work is now. */
  note(event: Work): void {
    const now = this.#passed();
    const key = progressKey(event);
    const samples = this.#samples.get(key) ?? [];
    this.#samples.set(key, samples);
    const last = samples.at(-1);
    // A sample every quarter of a second is enough, and keeps the list short at any rate of reports.
    if (last === undefined || now - last.at >= 250) samples.push({ at: now, amount: amountOf(event) });
    while (samples.length > 2 && now - samples[1]!.at >= WINDOW_MS) samples.shift();
  }

  /** The speed as of now; `undefined` until a second has passed. */
  perSecond(event: Work): number | undefined {
    this.note(event);
    const first = this.#samples.get(progressKey(event))?.[0];
    const elapsed = first === undefined ? 0 : this.#passed() - first.at;
    return first === undefined || elapsed < 1_000 ? undefined : ((amountOf(event) - first.amount) * 1_000) / elapsed;
  }
}

/** What the speed counts: users or members listed, users matched, or users whose write has ended. */
function amountOf(event: Work): number {
  if (event.type === 'groups') return event.members;
  return event.type === 'write' ? event.written + event.failed + event.skipped : event.users;
}

export function describeProgress(event: Work, meter: Meter): Gauge {
  switch (event.type) {
    case 'list': {
      // Shards are of similar size. The pool's own estimate of its users is updated late, so it never fills the bar.
      const byShards = event.shards === 0 ? 0 : event.shardsDone / event.shards;
      const byUsers = event.estimatedUsers ? Math.min(event.users / event.estimatedUsers, 0.99) : 0;
      const share = event.done ? 1 : Math.max(byShards, byUsers);
      const shards = `${formatPart(event.shardsDone, event.shards)} shards`;
      const label = event.side === 'legacy' ? 'Legacy pool' : 'New pool';
      return {
        label,
        share,
        words: [formatUsers(event.users), ...pace(event, share, meter), shards, ...throttles(event)],
      };
    }
    case 'groups': {
      const share = event.done ? 1 : event.groups === 0 ? 0 : event.groupsDone / event.groups;
      const label = event.side === 'legacy' ? 'Old groups' : 'New groups';
      const groups = `${formatPart(event.groupsDone, event.groups)} groups`;
      return {
        label,
        share,
        words: [counted(event.members, 'member'), ...pace(event, share, meter), groups, ...throttles(event)],
      };
    }
    case 'match': {
      const share = shareOf(event);
      return {
        label: 'Match',
        share,
        words: [`${formatPart(event.users, event.total)} users`, ...pace(event, share, meter)],
      };
    }
    case 'write': {
      const share = shareOf(event);
      const words = [`${formatPart(event.written, event.total)} written`, ...pace(event, share, meter)];
      if (event.failed > 0) words.push(`${formatCount(event.failed)} failed`);
      if (event.skipped > 0) words.push(`${formatCount(event.skipped)} skipped`);
      return { label: 'Write', share, words: [...words, ...throttles(event)] };
    }
  }
}

function shareOf(event: Exclude<Work, { type: 'list' | 'groups' }>): number {
  return event.done ? 1 : event.total === 0 ? 0 : amountOf(event) / event.total;
}

/** Rate and time left, while there is something left. */
function pace(event: Work, share: number, meter: Meter): string[] {
  const perSecond = meter.perSecond(event);
  if (perSecond === undefined || share === 1) return [];
  if (perSecond === 0 || share === 0) return [formatRate(perSecond)];
  const left = (amountOf(event) / share) * (1 - share);
  return [formatRate(perSecond), `${formatDuration(left / perSecond)} left`];
}

const throttles = ({ throttled }: { readonly throttled: number }): string[] =>
  throttled > 0 ? [`${formatCount(throttled)} throttled`] : [];

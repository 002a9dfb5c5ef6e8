import { type Clock, stopwatch } from '../../clock.js';
import { listedShare, type ProgressEvent, usersLeft } from '../../migrate/progress.js';
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

/** A report on the listing of a pool. */
type Listing = Extract<Work, { type: 'list' }>;

const WINDOW_MS = 10_000;

/** Speed over the last seconds: the mean since the start would hide a stall or a slow-down. */
export class Meter {
  readonly #passed: () => number;
  readonly #samples = new Map<string, { at: number; amount: number }[]>();
  readonly #listings = new Map<string, Listing>();

  constructor(clock: Clock) {
    this.#passed = stopwatch(clock);
  }

  /** The pools that are listed, as last reported. */
  get listings(): readonly Listing[] {
    return [...this.#listings.values()];
  }

  /** Records how far a piece of work is now. */
  note(event: Work): void {
    const now = this.#passed();
    const key = progressKey(event);
    if (event.type === 'list') this.#listings.set(key, event);
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
      const share = listedShare(event);
      const label = event.side === 'legacy' ? 'Legacy pool' : 'New pool';
      return { label, share, words: [formatUsers(event.users), ...speedOfListing(event, meter), ...throttles(event)] };
    }
    case 'groups': {
      const share = event.done ? 1 : event.groups === 0 ? 0 : event.groupsDone / event.groups;
      const label = event.side === 'legacy' ? 'Legacy groups' : 'New groups';
      const groups = `${formatPart(event.groupsDone, event.groups)} groups`;
      return {
        label,
        share,
        words: [counted(event.members, 'member'), ...rate(event, share, meter), groups, ...throttles(event)],
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
      const what = event.dryRun ? 'would be written' : 'written';
      const words = [`${formatPart(event.written, event.total)} ${what}`, ...pace(event, share, meter)];
      if (event.failed > 0) words.push(`${formatCount(event.failed)} failed`);
      if (event.skipped > 0) words.push(`${formatCount(event.skipped)} skipped`);
      return { label: event.dryRun ? 'Check' : 'Write', share, words: [...words, ...throttles(event)] };
    }
  }
}

/** The listing of all pools together, which has one time left; `undefined` where only one pool is listed. */
export function describeListings(meter: Meter): Gauge | undefined {
  const { listings } = meter;
  const later = laterThan(listings);
  if (listings.length + later.length < 2) return undefined;
  const label = listings.length + later.length === 2 ? 'Both pools' : 'All pools';
  const listed = listings.reduce((sum, { users }) => sum + users, 0);
  const left = leftToList(listings);
  if (left === undefined) return { label, share: 0, words: [formatUsers(listed), 'time left unknown'] };
  const share = left === 0 ? 1 : listed / (listed + left);
  return { label, share, words: [formatUsers(listed), ...timeLeft(left, meter)] };
}

/** Estimates of the pools whose turn has not come: pools are listed one after the other. */
const laterThan = (listings: readonly Listing[]): readonly (number | undefined)[] =>
  listings.at(-1)?.estimatedLater ?? [];

/** The rate of a pool; the time left too, if it is the only one. */
function speedOfListing(event: Listing, meter: Meter): string[] {
  if (listedShare(event) === 1) return [];
  const perSecond = meter.perSecond(event);
  const rate = perSecond === undefined ? [] : [formatRate(perSecond)];
  const left = usersLeft(event);
  return describeListings(meter) === undefined && left !== undefined && event.users > 0
    ? [...rate, ...timeLeft(left, meter)]
    : rate;
}

/** `undefined` if a pool does not say how many users it has. */
function leftToList(listings: readonly Listing[]): number | undefined {
  const left = [...listings.map(usersLeft), ...laterThan(listings)];
  return left.some((users) => users === undefined)
    ? undefined
    : left.reduce<number>((sum, users = 0) => sum + users, 0);
}

/** At the speed of the pool that is being listed now. */
function timeLeft(users: number, meter: Meter): string[] {
  const working = meter.listings.at(-1);
  const perSecond = working === undefined || listedShare(working) === 1 ? undefined : meter.perSecond(working);
  return perSecond === undefined || perSecond <= 0 ? [] : [`${formatDuration(users / perSecond)} left`];
}

function shareOf(event: Exclude<Work, { type: 'list' | 'groups' }>): number {
  return event.done ? 1 : event.total === 0 ? 0 : amountOf(event) / event.total;
}

/** Groups differ too much in size to tell the time left. */
function rate(event: Work, share: number, meter: Meter): string[] {
  const perSecond = meter.perSecond(event);
  return perSecond === undefined || share === 1 ? [] : [formatRate(perSecond)];
}

/** Rate and time left, while there is something left. */
function pace(event: Work, share: number, meter: Meter): string[] {
  const perSecond = meter.perSecond(event);
  if (perSecond === undefined || perSecond === 0 || share === 0 || share === 1) return rate(event, share, meter);
  const left = (amountOf(event) / share) * (1 - share);
  return [formatRate(perSecond), `${formatDuration(left / perSecond)} left`];
}

const throttles = ({ throttled }: { readonly throttled: number }): string[] =>
  throttled > 0 ? [`${formatCount(throttled)} throttled`] : [];

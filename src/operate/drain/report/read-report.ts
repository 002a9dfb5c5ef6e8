import { type Clock, DAY_MS, systemClock } from '../../../clock.js';
import { withTimeLimit } from '../../../time-limit.js';
import { dayName } from '../count/drain-counter.js';
import type { DrainContent, DrainReport, DrainStore } from '../drain-types.js';
import type { DrainQuestion } from './drain-question.js';
import { REASONS } from './drain-reasons.js';
import { type Blocker, drainReport } from './drain-report.js';
import { isMoment } from './stored-values.js';

/** Options of {@link readDrainReport}. */
export interface ReadDrainReportOptions extends DrainQuestion {
  /** All that instances write to. */
  readonly stores: readonly DrainStore[];
  /** Further reasons not to close the pool, a sentence each. Default: none. */
  readonly troubles?: readonly string[] | undefined;
  /** What else shows that the pool was in use. Default: nothing. */
  readonly blockers?: readonly Blocker[] | undefined;
  /** @defaultValue the system's clock */
  readonly clock?: Clock | undefined;
}

const READ_LIMIT_MS = 60_000;
const LONGEST_MESSAGE = 200;

/** Reads stores, and reports what all instances counted. A store that cannot be read is a reason in the report, and not an error. */
export async function readDrainReport({
  stores,
  troubles = [],
  blockers,
  clock = systemClock,
  ...question
}: ReadDrainReportOptions): Promise<DrainReport> {
  // Before it is read: an instance that reports every second has not fallen silent because reading took three.
  const now = clock.now();
  const readings = await Promise.all(stores.map((store) => readingOf(store, clock)));
  const contents = readings.flatMap(({ content }) => content ?? []);
  return drainReport({
    ...question,
    blockers,
    unread: contents.length === 0 && stores.length > 0,
    now,
    instances: contents.flatMap(({ instances }) => instances),
    records: contents.flatMap(({ records }) => records),
    // What is no moment makes the whole unknown: it must not be hidden by what another store says.
    since: Math.max(0, ...contents.map(({ since = 0 }) => (isMoment(since) ? since : Number.NaN))),
    readFrom: Math.max(0, ...readings.map(({ readFrom }) => readFrom)),
    troubles: [...troubles, ...readings.flatMap(({ trouble }) => trouble ?? [])],
  });
}

interface Reading {
  readonly readFrom: number;
  readonly content?: DrainContent;
  readonly trouble?: string;
}

async function readingOf(store: DrainStore, clock: Clock): Promise<Reading> {
  const { name, retentionDays } = store;
  const readFrom = retentionDays === undefined ? 0 : Math.max(0, clock.now() - retentionDays * DAY_MS);
  try {
    const content = await withTimeLimit({ timeoutMs: READ_LIMIT_MS, clock }, () => store.read(dayName(readFrom)));
    if (!Array.isArray(content?.instances) || !Array.isArray(content.records))
      throw new TypeError('it answered something else');
    return { readFrom, content };
  } catch (error) {
    return { readFrom, trouble: REASONS.unreadable(name, wordsOf(error)) };
  }
}

/** Of a driver, which may name an address with its password. */
export function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return 'no error was given';
  const { code, name } = error as NodeJS.ErrnoException;
  const message = error.message.replace(/(?<=:\/\/)[^/\s]*(?=@)/g, '…').slice(0, LONGEST_MESSAGE);
  const kind = typeof code === 'string' ? code : name;
  return message.includes(kind) || message === '' ? message || kind : `${kind}: ${message}`;
}

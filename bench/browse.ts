/** What the dashboard, `status` and `report` read of a state, beside a command that may be writing it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { look } from '../src/migrate/browse/look.js';
import { readUserPage, type UserPageOptions } from '../src/migrate/browse/user-pages.js';
import { readWritesEnded } from '../src/migrate/browse/write-times.js';
import { countReport } from '../src/migrate/control/report-counts.js';
import { readStatus } from '../src/migrate/report.js';
import type { State } from '../src/migrate/state/state.js';
import { makeLargeState } from '../test/migrate/support/large-state.js';
import { median } from './measure.js';

export interface BrowseFigure {
  readonly name: string;
  readonly milliseconds: number;
  /** The target: at most this. */
  readonly most: number;
}

const ROUNDS = 9;
const MINUTE_MS = 60_000;

const pageOf = (options: UserPageOptions) => (state: State) => readUserPage(state, options);

const READS: readonly (readonly [string, (state: State) => unknown])[] = [
  ['status', readStatus],
  ['status, and the sums of the report', (state) => countReport(state, readStatus(state))],
  ['50 users of a common outcome', pageOf({ outcomes: ['set'] })],
  ['50 users of a rare outcome', pageOf({ outcomes: ['ambiguous'] })],
  ['50 users of an outcome that nobody has', pageOf({ outcomes: ['duplicate'] })],
  ['50 users of two outcomes, with a prefix', pageOf({ outcomes: ['ambiguous', 'conflict'], usernamePrefix: 'f' })],
  ['50 users whose write failed', pageOf({ writes: ['failed'] })],
  [
    'writes per minute of an hour',
    (state) => {
      const until = readStatus(state).writes.lastAt?.getTime() ?? 0;
      return readWritesEnded(state, { until, intervalMs: MINUTE_MS, intervals: 60 });
    },
  ],
];

/** Each time with a connection of its own, as a page is asked for. */
export async function benchBrowse(users: number): Promise<readonly BrowseFigure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'cutover-browse-'));
  const path = join(folder, 'cutover.db');
  try {
    makeLargeState({ path, users, written: 0.5 });
    return READS.map(([name, read]) => {
      const times = Array.from({ length: ROUNDS }, () => {
        const started = performance.now();
        look(path, read);
        return performance.now() - started;
      });
      return { name, milliseconds: median(times), most: name.startsWith('status') ? 500 : 100 };
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}

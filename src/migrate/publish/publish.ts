import { stopwatch } from '../../clock.js';
import type { BulkStore } from '../../legacy-id/store.js';
import { refuseRemovals } from '../control/plan-guards.js';
import type { RunOptions } from '../run.js';
import { inRun, type Run } from '../run.js';
import { countPlan } from '../state/finished-plan.js';
import {
  certainUsers,
  countRemovals,
  Publication,
  type PublishedUser,
  sampleOfCertainUsers,
} from '../state/publication.js';
import type { State } from '../state/state.js';

export interface PublishOptions extends RunOptions {
  readonly store: BulkStore;
  /** What the state remembers the store by. Shown to people; holds no credentials. */
  readonly name: string;
  /** Writes everything, although the state says that the store has it. @defaultValue false */
  readonly again?: boolean;
  /**
   * How many published users may be taken back, or given another legacy id, before nothing is done at all. Default: 1 % of what is
   * published, and at least 10.
   */
  readonly allowRemovals?: number;
  /** Turns what the store threw into an error that says what to do. */
  readonly explain: (error: unknown) => Error;
}

/** `publish --json`, besides `to`. */
export interface PublishResult {
  /** Users of the plan whose legacy id is certain. */
  readonly users: number;
  /** Of them: written by this run. */
  readonly written: number;
  /** Of them: written by an earlier run, and left alone. */
  readonly unchanged: number;
  /** Users whom an earlier plan put there, and this one does not want there. */
  readonly removed: number;
  /** Of the users: read back, chosen by chance. */
  readonly checked: number;
  /** Of those read back: not found, or found with another legacy id. */
  readonly wrong: number;
  readonly seconds: number;
}

/** Batches under way at once. Between them and the next ones it is recorded what arrived. */
const BATCHES = 16;
const SAMPLE = 1000;
const SAMPLE_AT_ONCE = 50;

/**
 * The users of the finished plan whose legacy id is certain: what apply makes true without overwriting anything.
 * @throws {@link MigrationError} `ERR_STATE_NOT_READY`
 */
export function readCertainUsers(state: State): Iterable<PublishedUser> {
  countPlan(state);
  return certainUsers(state.db);
}

/** Some of them, chosen by chance: for looking whether they arrived. */
export function sampleCertainUsers(state: State): readonly PublishedUser[] {
  return sampleOfCertainUsers(state.db, SAMPLE);
}

/**
 * Makes a store hold the users of the finished plan whose legacy id is certain, and none that an earlier plan put there and
 * this one does not. What it wrote before is left alone. Reads some users back and compares.
 *
 * Can be stopped at any time, even killed; the next run goes on.
 * @throws {@link MigrationError}; `partial` then holds the {@link PublishResult} so far
 */
export async function runPublish(options: PublishOptions): Promise<PublishResult> {
  return inRun(options, (run) => publish(run, options));
}

async function publish(run: Run, options: PublishOptions): Promise<PublishResult> {
  const { state, clock, signal } = run;
  const { store, name, again = false, explain } = options;
  countPlan(state);
  const publication = new Publication(state.db, name);
  refuseRemovals(name, countRemovals(state.db, name), options.allowRemovals);
  if (again) publication.distrust();
  const { users, toPut, toDelete } = publication.count();
  const passed = stopwatch(clock);
  const startedAt = passed();
  const counts = { users, written: 0, unchanged: users - toPut, removed: 0, checked: 0, wrong: 0 };
  const result = () => ({ ...counts, seconds: (passed() - startedAt) / 1000 });
  run.partial = result;
  const report = (done: boolean) => {
    const written = counts.written + counts.removed;
    const rps = written / Math.max(result().seconds, 1);
    const none = { failed: 0, skipped: 0, throttled: 0 };
    run.report({ type: 'write', written, total: toPut + toDelete, attempts: written, rps, done, ...none });
  };
  const limit = store.batchSize * BATCHES;
  const asked = async <T>(answer: PromiseLike<T> | T): Promise<T> => {
    try {
      return await answer;
    } catch (error) {
      throw explain(error);
    }
  };

  report(false);
  // First, because what must not be there does more harm than what is missing.
  for (;;) {
    const newSubs = publication.nextToDelete(limit);
    if (newSubs.length === 0) break;
    signal?.throwIfAborted();
    await asked(eachBatch(newSubs, store.batchSize, (batch) => store.deleteMany(batch)));
    publication.deleted(newSubs);
    counts.removed += newSubs.length;
    report(false);
  }
  for (let last = ''; ; ) {
    const portion = publication.nextToPut(last, limit);
    last = portion.at(-1)?.newSub ?? last;
    if (portion.length === 0) break;
    signal?.throwIfAborted();
    publication.putting(portion);
    const pairs = portion.map(({ newSub, legacyId }) => [newSub, legacyId] as const);
    await asked(eachBatch(pairs, store.batchSize, (batch) => store.setMany(batch)));
    publication.put(portion);
    counts.written += portion.length;
    report(false);
  }
  report(true);
  for (const portion of portionsOf(sampleCertainUsers(state), SAMPLE_AT_ONCE)) {
    signal?.throwIfAborted();
    const right = await asked(
      Promise.all(portion.map(async ({ newSub, legacyId }) => (await store.get(newSub)) === legacyId)),
    );
    counts.checked += right.length;
    counts.wrong += right.filter((isRight) => !isRight).length;
  }
  return result();
}

/** Does all batches at once. Waits for each to end, so that nothing is under way any more when one failed. */
async function eachBatch<T>(items: readonly T[], size: number, work: (batch: readonly T[]) => Promise<void>) {
  const results = await Promise.allSettled(portionsOf(items, size).map(work));
  for (const one of results) if (one.status === 'rejected') throw one.reason;
}

function portionsOf<T>(items: readonly T[], size: number): (readonly T[])[] {
  const portions: (readonly T[])[] = [];
  for (let first = 0; first < items.length; first += size) portions.push(items.slice(first, first + size));
  return portions;
}

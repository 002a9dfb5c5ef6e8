import { setImmediate as othersFirst } from 'node:timers/promises';
import type { BulkStore } from '../../legacy-id/store.js';
import { refuseRemovals } from '../control/plan-guards.js';
import { inRun, type Run, type RunOptions } from '../run.js';
import { countPlan, requireIntactPlan } from '../state/finished-plan.js';
import { CertainUsers, Publication, type PublishedUser } from '../state/publication.js';
import type { State } from '../state/state.js';

export interface PublishOptions extends RunOptions {
  readonly store: BulkStore;
  /** The name under which the state remembers the store. It is shown to people and contains no credentials. */
  readonly name: string;
  /** Write everything again, even if the state says that the store has it. @defaultValue false */
  readonly again?: boolean;
  /**
   * How many published users may be removed or get another legacy id. If there are more, nothing is done. Default: 1 % of the
   * published users, and at least 10.
   */
  readonly allowRemovals?: number;
  /** Turns an error of the store into one that says what to do. */
  readonly explain: (error: unknown) => Error;
}

/** `publish --json`, besides `to`. */
export interface PublishResult {
  /** Users of the plan whose legacy id is certain. */
  readonly users: number;
  /** Of these users: written by this run. */
  readonly written: number;
  /** Of these users: written by an earlier run, and not changed. */
  readonly unchanged: number;
  /** Users whom an earlier plan published and this plan does not. */
  readonly removed: number;
  /** Users sampled at random and read back. */
  readonly checked: number;
  /** Of the users read back: not found, or found with another legacy id. */
  readonly wrong: number;
  readonly seconds: number;
}

/** Batches sent at the same time. Their arrival is recorded before the next batches are sent. */
const BATCHES = 16;
/** Users who are sampled to check whether they arrived. */
export const SAMPLE = 1000;
const SAMPLE_AT_ONCE = 50;

/**
 * The users of the finished plan whose legacy id is certain: those whom apply can make right without overwriting anything.
 * @throws {@link MigrationError} `ERR_STATE_NOT_READY`
 */
export function readCertainUsers(state: State): CertainUsers {
  countPlan(state);
  return new CertainUsers(state.db);
}

/**
 * Makes a store contain the users of the finished plan whose legacy id is certain, and removes users whom only an earlier plan
 * published. What it has already written is not written again. Reads some users back and compares.
 *
 * It can be stopped or killed at any time; the next run continues.
 * @throws {@link MigrationError}; `partial` then holds the {@link PublishResult} so far
 */
export async function runPublish(options: PublishOptions): Promise<PublishResult> {
  return inRun(options, (run) => publish(run, options));
}

async function publish(run: Run, options: PublishOptions): Promise<PublishResult> {
  const { state } = run;
  const { name, again = false } = options;
  countPlan(state);
  run.step('Reading the plan');
  await requireIntactPlan(state);
  const publication = new Publication(state.db, name);
  refuseRemovals(name, publication.count(), options.allowRemovals);
  if (again) publication.distrust();
  const publishing = new Publishing(run, publication, options);
  run.partial = () => publishing.result;
  // First, because a wrong entry does more harm than a missing one.
  await publishing.takeBack();
  await publishing.put();
  await publishing.readBack(publication.users.sample(SAMPLE));
  return publishing.result;
}

class Publishing {
  readonly #run: Run;
  readonly #publication: Publication;
  readonly #store: BulkStore;
  readonly #explain: (error: unknown) => Error;
  /** How many users are recorded together. */
  readonly #portion: number;
  readonly #total: number;
  readonly #counts: Mutable<Omit<PublishResult, 'seconds'>>;

  constructor(run: Run, publication: Publication, { store, explain }: PublishOptions) {
    const { users, toPut, toDelete } = publication.count();
    this.#run = run;
    this.#publication = publication;
    this.#store = store;
    this.#explain = explain;
    this.#portion = store.batchSize * BATCHES;
    this.#total = toPut + toDelete;
    this.#counts = { users, written: 0, unchanged: users - toPut, removed: 0, checked: 0, wrong: 0 };
  }

  get result(): PublishResult {
    return { ...this.#counts, seconds: this.#run.seconds };
  }

  async takeBack(): Promise<void> {
    this.#progress(false);
    for (const newSubs of this.#publication.toDelete(this.#portion)) {
      this.#run.signal?.throwIfAborted();
      await this.#inBatches(newSubs, (batch) => this.#store.deleteMany(batch));
      this.#publication.deleted(newSubs);
      this.#counts.removed += newSubs.length;
      this.#progress(false);
    }
  }

  /** While one portion is on its way, the next one is read and recorded, but not sent. */
  async put(): Promise<void> {
    const portions = this.#publication.toPut(this.#portion);
    for (let portion = portions.next(); portion.done !== true; ) {
      this.#run.signal?.throwIfAborted();
      const users = portion.value;
      const pairs = users.map(({ newSub, legacyId }) => [newSub, legacyId] as const);
      const [arrived, next] = await Promise.allSettled([
        this.#inBatches(pairs, (batch) => this.#store.setMany(batch)),
        othersFirst().then(() => portions.next()),
      ]);
      if (arrived.status === 'rejected') throw arrived.reason;
      this.#publication.put(users);
      this.#counts.written += users.length;
      this.#progress(false);
      if (next.status === 'rejected') throw next.reason;
      portion = next.value;
    }
    this.#progress(true);
  }

  /** Compares what the store returns for these users. */
  async readBack(users: readonly PublishedUser[]): Promise<void> {
    for (const portion of portionsOf(users, SAMPLE_AT_ONCE)) {
      this.#run.signal?.throwIfAborted();
      const isRight = async ({ newSub, legacyId }: PublishedUser) => (await this.#store.get(newSub)) === legacyId;
      const right = await this.#asked(() => Promise.all(portion.map(isRight)));
      this.#counts.checked += right.length;
      this.#counts.wrong += right.filter((one) => !one).length;
    }
  }

  /** Sends all batches at the same time. Waits for each to end, so that nothing is in flight after one has failed. */
  #inBatches<T>(items: readonly T[], work: (batch: readonly T[]) => Promise<void>): Promise<void> {
    return this.#asked(async () => {
      const results = await Promise.allSettled(portionsOf(items, this.#store.batchSize).map(work));
      for (const one of results) if (one.status === 'rejected') throw one.reason;
    });
  }

  async #asked<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      throw this.#explain(error);
    }
  }

  #progress(done: boolean): void {
    const written = this.#counts.written + this.#counts.removed;
    const rps = written / Math.max(this.#run.seconds, 1);
    const none = { failed: 0, skipped: 0, throttled: 0 };
    this.#run.report({ type: 'write', written, total: this.#total, attempts: written, rps, done, ...none });
  }
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function portionsOf<T>(items: readonly T[], size: number): (readonly T[])[] {
  const portions: (readonly T[])[] = [];
  for (let first = 0; first < items.length; first += size) portions.push(items.slice(first, first + size));
  return portions;
}

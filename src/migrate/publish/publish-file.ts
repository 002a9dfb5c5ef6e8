import { ConfigurationError } from '../../errors.js';
import { type Snapshot, SnapshotError, snapshotEnd, snapshotLine } from '../../legacy-id/mapping-snapshot.js';
import { type Removals, refuseRemovals } from '../control/plan-guards.js';
import { replaceFile } from '../files/replace-file.js';
import { isMissing, isSystemError } from '../files/system-error.js';
import { inRun, type RunOptions } from '../run.js';
import { requireIntactPlan } from '../state/finished-plan.js';
import type { CertainUsers } from '../state/publication.js';
import type { State } from '../state/state.js';
import { type PublishResult, readCertainUsers, SAMPLE } from './publish.js';

/** The file that an option names. */
export interface PublishedFile {
  readonly option: string;
  readonly path: string;
  /** Reads the file as verifiers do. */
  readonly read: (path: string) => Promise<Snapshot>;
}

export interface PublishFileOptions extends RunOptions, PublishedFile {
  /** See {@link PublishOptions.allowRemovals}. */
  readonly allowRemovals?: number;
}

/**
 * Makes a file contain exactly the users of the finished plan whose legacy id is certain. Each run writes the whole file.
 * Verifiers see either the old file or the new one. Reads some users back and compares.
 * @throws {@link MigrationError} `ERR_STATE_NOT_READY`; {@link ConfigurationError} with the old file unchanged
 */
export function runPublishToFile(options: PublishFileOptions): Promise<PublishResult> {
  return inRun(options, async (run) => {
    const { state } = run;
    const { option, path, read, allowRemovals } = options;
    const certain = readCertainUsers(state);
    await requireIntactPlan(state);
    const removals = await compareFile(certain, options);
    refuseRemovals(path, removals, allowRemovals);
    const users = certain.count;
    function* lines() {
      for (const { newSub, legacyId } of certain) yield snapshotLine(newSub, legacyId);
      yield snapshotEnd(users);
    }
    await replaceFile(option, path, lines());
    const written = await read(path);
    const sample = certain.sample(SAMPLE);
    const wrong = sample.filter(({ newSub, legacyId }) => written.get(newSub) !== legacyId).length;
    const counts = { users, written: users, unchanged: 0, removed: removals.removed, checked: sample.length, wrong };
    return { ...counts, seconds: run.seconds };
  });
}

/**
 * Counts the entries that publishing the finished plan would remove from a file or change. For a file that does not exist, or that
 * verifiers cannot load, the count is 0, because no verifier uses it.
 * @throws {@link ConfigurationError} if the file exists but cannot be read
 */
export async function countFileRemovals(state: State, file: PublishedFile): Promise<Removals> {
  return compareFile(readCertainUsers(state), file);
}

async function compareFile(users: CertainUsers, { option, path, read }: PublishedFile): Promise<Removals> {
  try {
    const now = await read(path);
    let kept = 0;
    for (const { newSub, legacyId } of users) if (now.get(newSub) === legacyId) kept += 1;
    return { published: now.users, removed: now.users - kept };
  } catch (error) {
    if (isMissing(error) || error instanceof SnapshotError) return { published: 0, removed: 0 };
    throw isSystemError(error) ? new ConfigurationError(option, `cannot read ${path} (${error.code})`, error) : error;
  }
}

import { ConfigurationError } from '../../../errors.js';
import type { Removals } from '../../../migrate/control/plan-guards.js';
import { isMissing, isSystemError } from '../../../migrate/files/system-error.js';
import type { PublishedUser } from '../../../migrate/state/publication.js';
import type { State } from '../../../migrate/state/state.js';
import type { PublishTarget } from './target.js';

/** What publishing the finished plan to this place would take back. */
export async function removalsOf(state: State, to: PublishTarget): Promise<Removals> {
  const { readCertainUsers } = await import('../../../migrate/publish/publish.js');
  if (to.kind === 'file') return fileRemovals(to.name, readCertainUsers(state));
  const { countRemovals } = await import('../../../migrate/state/publication.js');
  return countRemovals(state.db, to.name);
}

/**
 * What replacing the file would take back of what it holds now. A file that is not there, or that no verifier could load, serves
 * nobody: nothing is taken back.
 * @throws ConfigurationError when the file is there and cannot be read
 */
export async function fileRemovals(path: string, users: Iterable<PublishedUser>): Promise<Removals> {
  const { openFileStore } = await import('../../../legacy-id/file-store.js');
  const { SnapshotError } = await import('../../../legacy-id/mapping-snapshot.js');
  try {
    const now = await openFileStore({ path, checkSeconds: null });
    let kept = 0;
    for (const { newSub, legacyId } of users) if (now.get(newSub) === legacyId) kept += 1;
    return { published: now.users, removed: now.users - kept };
  } catch (error) {
    if (isMissing(error) || error instanceof SnapshotError) return { published: 0, removed: 0 };
    throw isSystemError(error) ? new ConfigurationError('--to', `cannot read ${path} (${error.code})`, error) : error;
  }
}

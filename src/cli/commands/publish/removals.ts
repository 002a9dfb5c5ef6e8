import type { Removals } from '../../../migrate/control/plan-guards.js';
import type { PublishedFile } from '../../../migrate/publish/publish-file.js';
import type { State } from '../../../migrate/state/state.js';
import type { StoreAddress } from '../../options/store-address.js';

/** What publishing the finished plan to this place would take back. */
export async function removalsOf(state: State, to: StoreAddress): Promise<Removals> {
  if (to.kind === 'file') {
    const { countFileRemovals } = await import('../../../migrate/publish/publish-file.js');
    return countFileRemovals(state, publishedFile(to.name));
  }
  const { countRemovals } = await import('../../../migrate/state/publication.js');
  return countRemovals(state.db, to.name);
}

/** The file, as the option names it and as verifiers read it. */
export const publishedFile = (path: string): PublishedFile => ({
  ...{ option: '--to', path },
  read: async () => {
    const { openFileStore } = await import('../../../legacy-id/file-store.js');
    return openFileStore({ path, checkSeconds: null });
  },
});

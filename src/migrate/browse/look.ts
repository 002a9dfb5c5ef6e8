import { openState, type State } from '../state/state.js';

/**
 * Reads a state file beside whatever uses it, and lets go of it at once: nothing waits for the reader, and a file that was replaced in
 * the meantime is seen. All that `work` reads belongs together, even while another plan takes effect.
 * @throws {@link MigrationError} `ERR_STATE_NOT_READY` if there is no file, `ERR_STATE_LOCKED`, `ERR_STATE_INVALID`, `ERR_STATE_STORAGE`
 */
export function look<T>(path: string, work: (state: State) => T): T {
  const state = openState({ path, access: 'read' });
  try {
    return state.db.snapshot(() => work(state));
  } finally {
    // The driver keeps a closed connection until its statements are garbage-collected, and 32 MB of pages with it.
    state.db.exec('PRAGMA shrink_memory');
    state.close();
  }
}

import type { Clock } from '../clock.js';

export interface OpenStateOptions {
  readonly path: string;
  /**
   * - `plan`: creates the file if there is none; locks it
   * - `write`: the file must exist; locks it
   * - `read`: the file must exist; no lock, works beside a running command
   */
  readonly access: 'plan' | 'write' | 'read';
  readonly clock?: Clock;
}

/** One state file, open. Its tables are the business of this folder alone. */
export interface State {
  readonly path: string;
  /** Pools this state belongs to; `undefined` before the first plan. */
  readonly pools: { readonly legacy: readonly string[]; readonly new: string } | undefined;
  close(): void;
}

/**
 * Opens a state file.
 * @throws {@link MigrationError} `ERR_STATE_LOCKED`, `ERR_STATE_INVALID`, `ERR_STATE_NOT_READY`, `ERR_STATE_STORAGE`
 */
export function openState(_options: OpenStateOptions): State {
  throw new Error('not there yet');
}

import type { State } from '../../../src/migrate/state/state.js';
import { makeLargeState } from './large-state.js';
import { state, statePath } from './workspace.js';

/** Two thousand users, of whom every fifth or so needs a person, and a tenth of whose writes failed. */
export function browsed(): State {
  const path = statePath();
  const perMille = { unverified: 100, ambiguous: 60, conflict: 30, ok: 10, 'new-born': 50 };
  makeLargeState({ path, users: 2000, perMille, written: 1 });
  const opened = state(path);
  opened.db.exec("UPDATE operations SET status = 'failed', error = 'InvalidParameterException' WHERE id % 10 = 0");
  return opened;
}

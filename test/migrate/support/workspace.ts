import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type OpenStateOptions, openState, type State } from '../../../src/migrate/state/state.js';
import { folder } from '../../support/folder.js';

/** A path for a state file that is gone after the test. */
export function statePath(): string {
  return join(folder(), 'cutover.db');
}

/** An open state, closed after the test at the latest. */
export function state(path = statePath(), access: OpenStateOptions['access'] = 'plan'): State {
  const opened = openState({ path, access });
  let open = true;
  const close = opened.close.bind(opened);
  opened.close = () => {
    if (open) close();
    open = false;
  };
  onTestFinished(() => opened.close());
  return opened;
}

import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type OpenStateOptions, openState, type State } from '../../../src/migrate/state/state.js';

/** In memory where that is possible: fsync is what a state spends its time on. */
const ROOT = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

/** A path for a state file that is gone after the test. */
export function statePath(): string {
  const folder = mkdtempSync(join(ROOT, 'cutover-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'cutover.db');
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

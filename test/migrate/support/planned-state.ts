import { statSync } from 'node:fs';
import { runPlan } from '../../../src/migrate/plan.js';
import { openState } from '../../../src/migrate/state/state.js';
import { AutoClock } from './auto-clock.js';
import { FakeDirectory } from './fake-directory.js';
import { statePath } from './workspace.js';

const people = (prefix: string) =>
  Array.from({ length: 200 }, (_, i) => ({
    username: `user-${i}`,
    sub: `${prefix}-${i}`,
    attributes: { email: `somebody${i}@example.com`, email_verified: 'true', phone_number: `+4670000${i}` },
  }));

/** A state with a finished plan, closed. */
export async function plannedPath(): Promise<string> {
  const path = statePath();
  const opened = openState({ path, access: 'plan' });
  await runPlan({
    state: opened,
    legacyPools: [new FakeDirectory('old_1', { users: people('old') })],
    newPool: new FakeDirectory('new_1', { users: people('new') }),
    match: ['username', 'email', 'phone'],
    clock: new AutoClock(),
  });
  opened.close();
  return path;
}

export const open =
  (path: string, access: 'plan' | 'write' | 'read' = 'plan') =>
  () =>
    openState({ path, access }).close();
export const mode = (path: string) => statSync(path).mode & 0o777;

import { runPlan } from '../../../src/migrate/plan.js';
import type { ProgressEvent } from '../../../src/migrate/progress.js';
import type { PlanOptions } from '../../../src/migrate/run-options.js';
import type { State } from '../../../src/migrate/state/state.js';
import { AutoClock } from './auto-clock.js';
import { FakeDirectory, failure } from './fake-directory.js';

export const users = (pool: string, count: number, from = 0) =>
  Array.from({ length: count }, (_, index) => ({
    username: `user${from + index}`,
    sub: `${(from + index) % 10}-${pool}-${from + index}`,
    attributes: { email: `p${from + index}@example.com`, email_verified: 'true' },
  }));

export function pools(legacy = 10, fresh = 10) {
  const clock = new AutoClock();
  const legacyPool = new FakeDirectory('old_1', { users: users('old', legacy), clock });
  const newPool = new FakeDirectory('new_1', { users: users('new', fresh), clock });
  const events: ProgressEvent[] = [];
  const plan = (opened: State, options: Partial<PlanOptions> = {}) =>
    runPlan({
      state: opened,
      legacyPools: [legacyPool],
      newPool,
      clock,
      onProgress: (event) => events.push(structuredClone(event)),
      ...options,
    });
  return { clock, legacyPool, newPool, plan, events };
}

export const listCalls = (directory: FakeDirectory) => directory.calls.get('ListUsers') ?? 0;
export const broken = {
  before: (operation: string) => {
    if (operation === 'ListUsers') throw failure('refused');
  },
};

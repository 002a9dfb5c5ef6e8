import { runApply } from '../../../../src/migrate/apply.js';
import { runPlan } from '../../../../src/migrate/plan.js';
import { runRollback } from '../../../../src/migrate/rollback.js';
import type { State } from '../../../../src/migrate/state/state.js';
import { AutoClock } from '../../support/auto-clock.js';
import { FakeDirectory } from '../../support/fake-directory.js';
import { type FakeGroup, FakeGroups } from './fake-groups.js';

export const names = (count: number) => Array.from({ length: count }, (_, n) => `u${n}`);

/** Users of one name in both pools; their subs in the legacy pool are those that its groups give. */
export function pools(users: number, legacyGroups: readonly FakeGroup[], newGroups: readonly FakeGroup[] = []) {
  const clock = new AutoClock();
  const directory = (id: string, sub: (name: string) => string) =>
    new FakeDirectory(id, {
      users: names(users).map((username) => ({ username, sub: sub(username), attributes: { sub: sub(username) } })),
      adminCreateUserOnly: true,
      clock,
    });
  return {
    clock,
    legacy: directory('legacy', (name) => `sub-${name}`),
    fresh: directory('new', (name) => `new-${name}`),
    legacyGroups: new FakeGroups('legacy', legacyGroups),
    newGroups: new FakeGroups('new', newGroups),
  };
}

export type Pools = ReturnType<typeof pools>;

export const plan = (opened: State, { clock, legacy, fresh, legacyGroups, newGroups }: Pools) =>
  runPlan({
    state: opened,
    clock,
    legacyPools: [legacy],
    newPool: fresh,
    readRps: 1000,
    groups: { legacyPools: [legacyGroups], newPool: newGroups },
  });
export const apply = (opened: State, { clock, fresh, newGroups }: Pools, more = {}) =>
  runApply({ state: opened, clock, newPool: fresh, newGroups, rps: 10, ...more });
export const rollback = (opened: State, { clock, fresh, newGroups }: Pools) =>
  runRollback({ state: opened, clock, newPool: fresh, newGroups, rps: 100, quota: 100, readRps: 1000 });
export const members = ({ newGroups }: Pools, group: string) =>
  [...(newGroups.groups.get(group)?.members ?? [])].sort();

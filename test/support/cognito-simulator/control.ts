import type { Fault } from './faults.js';
import type { ListingFaults } from './pool.js';
import type { QuotaOptions } from './quotas.js';
import type { SimulatorCore } from './simulator.js';

/** What can be asked of a simulator in another process. */
const REQUESTS = {
  report: (core: SimulatorCore, _: null) => ({
    operations: core.stats.operations,
    /** When the first and the last request arrived, in milliseconds. */
    span: { UserUpdate: core.stats.span('UserUpdate'), UserList: core.stats.span('UserList') },
    memoryMb: Math.round(process.memoryUsage().rss / 2 ** 20),
  }),
  resetStats: (core: SimulatorCore, _: null) => core.stats.reset(),
  setFaults: (core: SimulatorCore, faults: readonly Fault[]) => core.faults.set(faults),
  setQuotas: (core: SimulatorCore, quotas: QuotaOptions) => core.quotas.change(quotas),
  setListing: (core: SimulatorCore, { pool, listing }: { pool: string; listing: ListingFaults }) => {
    core.pool(pool).listing = listing;
  },
  setAttribute: (core: SimulatorCore, set: { pool: string; username: string; name: string; value: string | null }) =>
    core.pool(set.pool).setAttribute(set.username, set.name, set.value),
  deleteUser: (core: SimulatorCore, { pool, username }: { pool: string; username: string }) =>
    core.pool(pool).deleteUser(username),
  journal: (core: SimulatorCore, { pool }: { pool: string }) => core.pool(pool).journal,
  /** One attribute of every user who has it, by username. */
  values: (core: SimulatorCore, { pool, attribute }: { pool: string; attribute: string }) => {
    const values: Record<string, string> = {};
    for (const user of core.pool(pool).users.all()) {
      const value = user.attributes[attribute];
      if (value !== undefined) values[user.username] = value;
    }
    return values;
  },
};

export type ControlRequests = typeof REQUESTS;
export type ControlInput<Name extends keyof ControlRequests> = Parameters<ControlRequests[Name]>[1];
export type ControlOutput<Name extends keyof ControlRequests> = ReturnType<ControlRequests[Name]>;

export function control(core: SimulatorCore, name: string, body: string): unknown {
  if (!Object.hasOwn(REQUESTS, name)) throw new Error(`No such request: ${name}`);
  return REQUESTS[name as keyof ControlRequests](core, JSON.parse(body) as never) ?? null;
}

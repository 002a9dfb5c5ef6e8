import type { AppClient } from '../../../src/directory/user-types.js';
import { runPlan } from '../../../src/migrate/plan.js';
import { readReportRows } from '../../../src/migrate/report.js';
import type { PlanOptions } from '../../../src/migrate/run-options.js';
import type { State } from '../../../src/migrate/state/state.js';
import { AutoClock } from './auto-clock.js';
import { FakeDirectory, type FakeDirectoryOptions, type FakeUser } from './fake-directory.js';
import { state } from './workspace.js';

export const NAME = 'custom:legacy_sub';
export const [VICTIM, BEN, EVE] = ['a1', 'b2', 'e5'].map((start) => `${start}000000-0000-4000-8000-00000000abcd`) as [
  string,
  string,
  string,
];

export type Change = Partial<Omit<FakeUser, 'username'>> & {
  email?: string;
  value?: string;
  identities?: [string, string][];
};

export function user(username: string, { email, value, identities, attributes, ...more }: Change = {}): FakeUser {
  return {
    username,
    sub: `${username}-sub`,
    attributes: {
      ...attributes,
      ...(email === undefined ? {} : { email, email_verified: 'true' }),
      ...(value === undefined ? {} : { [NAME]: value }),
      ...(identities === undefined
        ? {}
        : { identities: JSON.stringify(identities.map(([providerName, userId]) => ({ providerName, userId }))) }),
    },
    ...more,
  };
}

/** Victim and Ben live in one legacy pool, Eve in another. */
export const legacyPools = () => [
  new FakeDirectory('old_1', {
    users: [user('victim', { sub: VICTIM, email: 'victim@x.org' }), user('ben', { sub: BEN, email: 'ben@x.org' })],
  }),
  new FakeDirectory('old_2', { users: [user('eve', { sub: EVE, email: 'eve@x.org' })] }),
];

export const client = (writeAttributes: readonly string[] | undefined): AppClient => ({
  clientId: 'c1',
  clientName: 'web',
  writeAttributes,
  readAttributes: undefined,
});
export const closed: FakeDirectoryOptions = {
  clients: [client(['email'])],
  providers: ['Google', 'Old_Pool'].map((name) => ({ name, mappedAttributes: ['email'] })),
};

/** Plans these new users; answers what each came to, as `outcome rule`, and the details. */
export async function planned(users: readonly FakeUser[], options: Partial<PlanOptions> = {}, opened: State = state()) {
  const newPool = new FakeDirectory('new_1', { users, ...closed });
  const clock = new AutoClock();
  const result = await runPlan({ state: opened, legacyPools: legacyPools(), newPool, clock, ...options });
  const rows = [...readReportRows(opened)];
  return {
    opened,
    clock,
    newPool,
    result,
    became: Object.fromEntries(rows.map((row) => [row.newUsername, `${row.outcome} ${row.rule}`.trim()])),
    details: Object.fromEntries(rows.map(({ newUsername, detail }) => [newUsername, detail])),
  };
}

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/clock.js';
import { Pace } from '../../../src/migrate/calls/pace.js';
import { planGroups, readGroups } from '../../../src/migrate/groups/plan-groups.js';
import { checkPolicy } from '../../../src/migrate/matching/policy.js';
import { UserStore } from '../../../src/migrate/matching/users.js';
import { OUTCOMES, type Outcome } from '../../../src/migrate/outcomes.js';
import type { GroupCounts } from '../../../src/migrate/results.js';
import { settleByListing } from '../../../src/migrate/state/journal.js';
import type { State } from '../../../src/migrate/state/state.js';
import { makePlanTables } from '../support/plan-tables.js';
import { state } from '../support/workspace.js';
import { type FakeGroup, FakeGroups, fakeUser } from './support/fake-groups.js';

/** A new-pool user `n{index}`, and which legacy user they come from, with what the plan says of it. */
interface Decided {
  readonly outcome: Outcome;
  readonly legacy: number | undefined;
}

interface Case {
  readonly users: readonly Decided[];
  readonly legacyPools: readonly (readonly FakeGroup[])[];
  readonly newGroups: readonly FakeGroup[];
}

const subOf = (legacy: number) => `sub-l${legacy}`;

function decide(opened: State, users: readonly Decided[], pools: number): void {
  const { db, meta } = opened;
  makePlanTables(db);
  db.run('DELETE FROM pools');
  for (let pool = 1; pool <= pools; pool++) {
    const side = pool === pools ? 'new' : 'legacy';
    db.run('INSERT INTO pools (id, side, user_pool_id) VALUES (?, ?, ?)', pool, side, `pool${pool}`);
  }
  const store = new UserStore(db, checkPolicy({}), (_, value) => value);
  store.addNew(users.map((_, index) => fakeUser(`n${index}`)));
  for (const [index, { outcome, legacy }] of users.entries()) {
    const value = legacy === undefined ? null : subOf(legacy);
    db.run(
      "INSERT INTO decisions (user, outcome, rule, value, detail) VALUES (?, ?, '', ?, '')",
      index + 1,
      outcome,
      value,
    );
  }
  db.exec(`CREATE INDEX decisions_value ON decisions (value) WHERE value IS NOT NULL;
    CREATE INDEX new_username ON new_users (username)`);
  meta.set('hashKey', 'a'.repeat(64));
  meta.delete('groupsListed');
}

async function plan(opened: State, { users, legacyPools, newGroups }: Case) {
  decide(opened, users, legacyPools.length + 1);
  const directories = legacyPools.map((groups, index) => new FakeGroups(`pool${index + 1}`, groups));
  const newPool = new FakeGroups(`pool${legacyPools.length + 1}`, newGroups);
  const options = {
    state: opened,
    db: opened.db,
    groups: { legacyPools: directories, newPool },
    pace: new Pace(1000, systemClock),
    clock: systemClock,
    warn: () => undefined,
  };
  await readGroups(options);
  const counts = await planGroups(options);
  const memberships = opened.db
    .all<readonly [string, string, string]>(
      `SELECT g.name, n.username, m.status FROM memberships m JOIN planned_groups g ON g.id = m.planned_group
       JOIN new_users n ON n.id = m.user`,
    )
    .map((row) => row.join(' '))
    .sort();
  return { counts, memberships, directories, newPool };
}

/** The same, said plainly. */
function expected({ users, legacyPools, newGroups }: Case): { counts: GroupCounts; memberships: string[] } {
  const wanted = new Map<string, Set<string>>();
  for (const [index, groups] of legacyPools.entries()) {
    for (const { name, members = [] } of groups) {
      if (name.startsWith(`pool${index + 1}_`)) continue;
      const all = wanted.get(name) ?? new Set();
      wanted.set(name, all);
      for (const member of members) all.add(member);
    }
  }
  const there = new Map(newGroups.map(({ name, members = [] }) => [name, new Set(members)]));
  const counts = { toCreate: 0, memberships: 0, existing: 0, unmapped: 0, overLimit: 0 };
  const memberships: string[] = [];
  for (const [name, members] of wanted) {
    if (!there.has(name)) counts.toCreate += 1;
    for (const member of members) {
      const user = users.findIndex(
        ({ outcome, legacy }) => legacy !== undefined && `l${legacy}` === member && ['set', 'ok'].includes(outcome),
      );
      const present = there.get(name)?.has(`n${user}`) === true;
      if (user === -1) counts.unmapped += 1;
      else {
        counts[present ? 'existing' : 'memberships'] += 1;
        memberships.push(`${name} n${user} ${present ? 'present' : 'add'}`);
      }
    }
  }
  return { counts, memberships: memberships.sort() };
}

const people = 6;
const legacyMembers = fc.uniqueArray(fc.nat(people).map((n) => `l${n}`));
const newMembers = fc.uniqueArray(fc.nat(people - 1).map((n) => `n${n}`));
const groupsWith = (members: fc.Arbitrary<string[]>, pool: number) =>
  fc.uniqueArray(fc.record({ name: fc.constantFrom('a', 'b', 'c', `pool${pool}_Google`), members }), {
    selector: ({ name }) => name,
  });

const cases = fc.integer({ min: 1, max: 2 }).chain((pools) =>
  fc.record<Case>({
    // A legacy user is claimed once at most, as the plan makes sure of.
    users: fc
      .tuple(
        fc.array(fc.constantFrom(...OUTCOMES), { minLength: people, maxLength: people }),
        fc.uniqueArray(fc.nat(people), { minLength: people, maxLength: people }),
      )
      .map(([outcomes, legacies]) =>
        outcomes.map((outcome, index) => ({ outcome, legacy: outcome === 'new-born' ? undefined : legacies[index] })),
      ),
    legacyPools: fc.tuple(groupsWith(legacyMembers, 1), ...(pools === 2 ? [groupsWith(legacyMembers, 2)] : [])),
    newGroups: groupsWith(newMembers, pools + 1),
  }),
);

it('adds exactly the members whose new user is certain', { timeout: 60_000 }, async () => {
  const opened = state();
  await fc.assert(
    fc.asyncProperty(cases, async (one) => {
      const { counts, memberships } = await plan(opened, one);
      expect({ counts, memberships }).toEqual(expected(one));
    }),
    { numRuns: 60 },
  );
});

it('counts legacy users without a sub as unmapped, each once', async () => {
  const { counts } = await plan(state(), {
    users: [{ outcome: 'set', legacy: 0 }],
    legacyPools: [[{ name: 'a', members: ['l0', 'subless-1', 'subless-2'] }]],
    newGroups: [],
  });
  expect(counts).toMatchObject({ memberships: 1, unmapped: 2 });
});

it('keeps no name of a legacy user', async () => {
  const opened = state();
  await plan(opened, { users: [], legacyPools: [[{ name: 'a', members: ['subless@example.com'] }]], newGroups: [] });
  expect(JSON.stringify(opened.db.all('SELECT member FROM group_members'))).not.toContain('example');
});

describe('the groups a user may be in', () => {
  const groups = (count: number, prefix: string, members: readonly string[]): FakeGroup[] =>
    Array.from({ length: count }, (_, n) => ({ name: `${prefix}${n}`, members }));
  const users: readonly Decided[] = [
    { outcome: 'set', legacy: 0 },
    { outcome: 'ok', legacy: 1 },
  ];

  it('may be reached', async () => {
    const { counts } = await plan(state(), {
      users,
      legacyPools: [groups(60, 'a', ['l0', 'l1'])],
      newGroups: [...groups(40, 'b', ['n0']), ...groups(5, 'c', [])],
    });
    expect(counts).toMatchObject({ memberships: 120, overLimit: 0 });
  });

  it('must not be exceeded: then the user gets none, and a person has to look', async () => {
    const opened = state();
    const { counts } = await plan(opened, {
      users,
      legacyPools: [groups(60, 'a', ['l0', 'l1'])],
      newGroups: [...groups(41, 'b', ['n0']), { name: 'a0', members: ['n0', 'n1'] }],
    });
    expect(counts).toEqual({ toCreate: 59, memberships: 59, existing: 2, unmapped: 0, overLimit: 1 });
    expect(opened.db.all('SELECT user, detail FROM decisions ORDER BY user')).toEqual([
      [1, 'would be in more than 100 groups: none is added'],
      [2, ''],
    ]);
  });

  it('are only looked up where they could be too many', async () => {
    const few = await plan(state(), {
      users,
      legacyPools: [groups(3, 'a', ['l0'])],
      newGroups: groups(97, 'b', ['n0']),
    });
    expect(few.newPool.calls.get('ListUsersInGroup')).toBeUndefined();
    const many = await plan(state(), {
      users,
      legacyPools: [groups(3, 'a', ['l0'])],
      newGroups: groups(98, 'b', ['n0']),
    });
    expect(many.newPool.calls.get('ListUsersInGroup')).toBe(98);
    expect(many.counts).toMatchObject({ memberships: 0, overLimit: 1 });
  });
});

it('asks for groups once, and for members once per 60, however often it is interrupted', async () => {
  const opened = state();
  decide(opened, [], 2);
  const legacy = new FakeGroups('pool1', [{ name: 'a', members: Array.from({ length: 200 }, (_, n) => `l${n}`) }]);
  const newPool = new FakeGroups('pool2', []);
  for (const stopAt of [1, 3, undefined]) {
    const abort = new AbortController();
    legacy.options = {
      before: (operation, { attempt }) => {
        if (operation === 'ListUsersInGroup' && attempt === stopAt) abort.abort(new Error('stopped'));
      },
    };
    const reading = readGroups({
      state: opened,
      db: opened.db,
      groups: { legacyPools: [legacy], newPool },
      pace: new Pace(1000, systemClock),
      clock: systemClock,
      signal: abort.signal,
      warn: () => undefined,
    });
    await (stopAt === undefined ? reading : expect(reading).rejects.toThrow('stopped'));
  }
  expect(legacy.calls.get('ListGroups')).toBe(1);
  expect(legacy.calls.get('ListUsersInGroup')).toBe(4);
});

it('learns from the listing what became of writes that a killed run had begun', async () => {
  const opened = state();
  const begun = (kind: string, username: string, target: string) =>
    opened.db.run(
      `INSERT INTO operations (plan, kind, username, sub, target, value, before, status, begun_at)
       VALUES (1, ?, ?, '', ?, '', '', 'begun', 1)`,
      kind,
      username,
      target,
    );
  begun('group', '', 'arrived');
  begun('group', '', 'lost');
  begun('member', 'n0', 'arrived');
  begun('member', 'n1', 'arrived');
  begun('member', 'n0', 'lost');
  begun('member', 'n0', 'unlisted');
  await plan(opened, {
    users: [{ outcome: 'set', legacy: 0 }],
    legacyPools: [[{ name: 'arrived' }, { name: 'lost' }]],
    newGroups: [{ name: 'arrived', members: ['n0'] }, { name: 'unlisted' }],
  });
  settleByListing(opened.db, { begunAt: systemClock.now(), attribute: 'custom:legacy_sub' }, { groups: true });
  expect(opened.db.all('SELECT kind, username, target, status FROM operations ORDER BY id')).toEqual([
    ['group', '', 'arrived', 'written'],
    ['member', 'n0', 'arrived', 'written'],
    ['member', 'n0', 'unlisted', 'begun'],
  ]);
});

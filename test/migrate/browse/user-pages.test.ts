import { describe, expect, it } from 'vitest';
import { readUserPage, readUsers, type UserFilter } from '../../../src/migrate/browse/user-pages.js';
import { readReportRows } from '../../../src/migrate/report.js';
import { openState, type State } from '../../../src/migrate/state/state.js';
import { browsed } from '../support/browsed-state.js';
import { pools } from '../support/pools-to-plan.js';
import { state, statePath } from '../support/workspace.js';

const usernames = (rows: Iterable<{ readonly newUsername: string }>) => [...rows].map(({ newUsername }) => newUsername);

function allPages(opened: State, filter: UserFilter, limit: number) {
  const pages = [];
  let after: string | undefined;
  do {
    const page = readUserPage(opened, { ...filter, limit, ...(after === undefined ? {} : { after }) });
    pages.push(page);
    after = page.next;
  } while (after !== undefined);
  return pages;
}

const FILTERS: readonly (UserFilter & { readonly counted?: false })[] = [
  {},
  { outcomes: ['ambiguous'] },
  { outcomes: ['unverified', 'conflict', 'ambiguous'] },
  { outcomes: ['unexplained'] },
  { outcomes: [] },
  { usernamePrefix: 'a' },
  { outcomes: ['set', 'unverified'], usernamePrefix: '4' },
  { writes: ['failed'] },
  { writes: ['failed'], usernamePrefix: '4', counted: false },
];

describe('a page of users', () => {
  const opened = { state: undefined as State | undefined };
  it.each(FILTERS)('has, one after the other, the users that the whole report has: %j', ({ counted, ...filter }) => {
    opened.state = browsed();
    const expected = [...readReportRows(opened.state)].filter(
      ({ outcome, write, newUsername }) =>
        filter.outcomes?.includes(outcome) !== false &&
        (filter.writes === undefined || (write !== undefined && filter.writes.includes(write))) &&
        newUsername.startsWith(filter.usernamePrefix ?? ''),
    );
    const pages = allPages(opened.state, filter, 70);
    expect(usernames(pages.flatMap(({ users }) => users))).toEqual(usernames(expected));
    expect(usernames(readUsers(opened.state, filter))).toEqual(usernames(expected));
    expect(pages.slice(0, -1).every(({ users }) => users.length === 70)).toBe(true);
    for (const { total } of pages) expect(total).toBe(counted === false ? undefined : expected.length);
  });

  it('is the same in a state that an older version planned', () => {
    const current = browsed();
    const filter: UserFilter = { outcomes: ['ambiguous', 'set'], usernamePrefix: 'b' };
    const { users, next } = readUserPage(current, filter);
    expect(users.length).toBeGreaterThan(0);
    // What an older version leaves: the list of the plan before.
    current.db.exec("UPDATE users_by_outcome SET outcome = 'ok'");
    current.meta.set('plan', 1);
    current.meta.set('listedByOutcome', 0);
    expect(readUserPage(current, filter)).toEqual({ plan: 1, users, next, total: undefined });
    current.db.exec('DROP TABLE users_by_outcome');
    expect(readUserPage(current, filter)).toEqual({ plan: 1, users, next, total: undefined });
  });

  it('names the legacy users in question where a person has to decide, and nobody else', () => {
    const current = browsed();
    const undecided = readUserPage(current, { outcomes: ['unverified'] }).users;
    for (const { candidates } of undecided) expect(candidates).toHaveLength(1);
    const rest = readUserPage(current, { outcomes: ['set', 'ok'] }).users;
    for (const { candidates } of rest) expect(candidates).toEqual([]);
  });

  it.each([0, 1001, 1.5, '5'])('refuses %j users', (limit) => {
    expect(() => Reflect.apply(readUserPage, undefined, [browsed(), { limit }])).toThrow(/limit/);
  });

  it('is refused without a finished plan', () => {
    expect(() => readUserPage(state())).toThrow(expect.objectContaining({ code: 'ERR_STATE_NOT_READY' }));
  });
});

describe('all users', () => {
  it('are never of two plans', async () => {
    const path = statePath();
    const { plan } = pools(700, 700);
    const writer = state(path);
    await plan(writer);
    const reader = openState({ path, access: 'read' });
    const rows = readUsers(reader);
    expect(rows.next().done).toBe(false);
    await plan(writer);
    expect(() => [...rows]).toThrow(expect.objectContaining({ code: 'ERR_STATE_NOT_READY' }));
    expect([...readUsers(reader)]).toHaveLength(700);
    reader.close();
  });
});

import { expect, it } from 'vitest';
import { readCandidates, readUndecided } from '../../../src/migrate/matching/undecided.js';
import { runPlan } from '../../../src/migrate/plan.js';
import type { PlanOptions } from '../../../src/migrate/run-options.js';
import { AutoClock } from '../support/auto-clock.js';
import { FakeDirectory, type FakeUser } from '../support/fake-directory.js';
import { state } from '../support/workspace.js';

const person = (
  username: string,
  sub: string | undefined,
  email: string,
  more: Record<string, string> = {},
): FakeUser => ({
  ...{ username, sub },
  attributes: { email, email_verified: 'true', ...more },
});

async function planned(
  legacy: readonly FakeUser[],
  fresh: readonly FakeUser[],
  options: Pick<PlanOptions, 'mapping'> = {},
) {
  const opened = state();
  await runPlan({
    state: opened,
    legacyPools: [new FakeDirectory('old_1', { users: [...legacy] })],
    newPool: new FakeDirectory('new_1', { users: [...fresh] }),
    clock: new AutoClock(),
    ...options,
  });
  return opened;
}

it('reads the users with the given outcomes, each with everyone whom the rules find', async () => {
  const opened = await planned(
    [person('b', 's2', 'x@example.com'), person('a', 's1', 'x@example.com'), person('c', 's3', 'c@example.com')],
    [person('new', 'n1', 'x@example.com'), person('c', 'n2', 'c@example.com')],
  );
  expect([...readUndecided(opened, ['ambiguous', 'unverified'])]).toEqual([
    {
      newUsername: 'new',
      newSub: 'n1',
      outcome: 'ambiguous',
      candidates: ['s1', 's2'],
      detail: 'email finds several legacy users: s1, s2',
    },
  ]);
  expect([...readUndecided(opened, ['conflict'])]).toEqual([]);
});

it('says that there are more legacy users than it names', async () => {
  const many = Array.from({ length: 6 }, (_, at) => person(`user${at}`, `s${at}`, 'x@example.com'));
  const opened = await planned(many, [person('new', 'n1', 'x@example.com')]);
  const [user] = readUndecided(opened, ['ambiguous']);
  expect(user?.candidates).toHaveLength(5);
  expect(user?.candidates.at(-1)).toBe('…');
});

it('never names what the user holds, which the user may have written', async () => {
  const opened = await planned(
    [person('victim', 's1', 'victim@example.com')],
    [person('new', 'n1', 'new@example.com', { 'custom:legacy_sub': 's1' })],
  );
  expect([...readUndecided(opened, ['unexplained'])]).toMatchObject([{ newUsername: 'new', candidates: [] }]);
});

it('reads the legacy users in question of the new users with these names', async () => {
  const opened = await planned(
    [person('b', 's2', 'x@example.com'), person('a', 's1', 'x@example.com'), person('c', 's3', 'c@example.com')],
    [
      person('new', 'n1', 'x@example.com'),
      person('c', 'n2', 'c@example.com'),
      person('late', 'n3', 'late@example.com'),
      person('other', 'n4', 'x@example.com'),
    ],
  );
  expect(readCandidates(opened, ['new', 'c', 'late', 'nobody'])).toEqual(
    new Map([
      ['new', ['s1', 's2']],
      ['c', ['s3']],
      ['late', []],
    ]),
  );
});

it('names as many legacy users as one rule finds, whatever others find', async () => {
  const many = Array.from({ length: 3 }, (_, at) => person(`user${at}`, `s${at}`, 'x@example.com'));
  const opened = await planned([...many, person('new', 's9', 'y@example.com')], [person('new', 'n1', 'x@example.com')]);
  expect(readCandidates(opened, ['new']).get('new')).toEqual(['s0', 's1', 's2', 's9']);
});

it('names whom the mapping file names, though no rule finds them', async () => {
  const opened = await planned(
    [person('a', 's1', 'a@example.com'), person('b', 's2', 'b@example.com')],
    [person('new', 'n1', 'a@example.com', { 'custom:legacy_sub': 's1' })],
    { mapping: [{ newUsername: 'new', legacySub: 's2', line: 2 }] },
  );
  const [user] = readUndecided(opened, ['conflict']);
  expect(user?.candidates).toEqual(['s1', 's2']);
  expect(readCandidates(opened, ['new'])).toEqual(new Map([['new', ['s1', 's2']]]));
});

it('names a legacy user whose username differs in upper and lower case', async () => {
  const opened = await planned([person('Ann', 's1', 'a@example.com')], [person('ann', 'n1', 'b@example.com')]);
  const detail = 'username finds s1, but the usernames differ in upper and lower case';
  expect([...readUndecided(opened, ['unverified'])]).toMatchObject([{ candidates: ['s1'], detail }]);
});

it('names nobody for a legacy user without a sub', async () => {
  const opened = await planned([person('a', undefined, 'x@example.com')], [person('new', 'n1', 'x@example.com')]);
  expect([...readUndecided(opened, ['unverified'])]).toMatchObject([{ newUsername: 'new', candidates: [] }]);
});

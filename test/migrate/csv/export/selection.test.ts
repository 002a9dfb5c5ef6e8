import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Selection } from '../../../../src/migrate/csv/export/selection.js';
import type { MatchRule } from '../../../../src/migrate/matching/policy.js';
import { runPlan } from '../../../../src/migrate/plan.js';
import { folder } from '../../../support/folder.js';
import { AutoClock } from '../../support/auto-clock.js';
import { FakeDirectory, type FakeUser } from '../../support/fake-directory.js';
import { state } from '../../support/workspace.js';

const person = (name: string, attributes: Record<string, string> = {}, sub = `${name}-sub`): FakeUser => ({
  ...{ username: name, sub },
  attributes: { email: `${name}@example.com`, email_verified: 'true', ...attributes },
});

/** What a plan of these users leaves to import. */
async function selected(
  { legacy, fresh = [] }: { legacy: readonly FakeUser[]; fresh?: readonly FakeUser[] },
  match: readonly MatchRule[] = ['email', 'phone'],
) {
  const opened = state();
  const legacyPools = [new FakeDirectory('old_1', { users: legacy })];
  const newPool = new FakeDirectory('new_1', { users: fresh });
  await runPlan({ state: opened, legacyPools, newPool, clock: new AutoClock(), match });
  const place = folder();
  const selection = new Selection(place, opened);
  let isOpen = true;
  const close = () => {
    if (isOpen) selection.close();
    isOpen = false;
  };
  onTestFinished(close);
  return { opened, place, selection, close };
}

async function* these(...subs: string[]) {
  yield* subs;
}

describe('the fate of a legacy user', () => {
  it.each<[string, Record<string, string>, FakeUser[]]>([
    ['free', {}, []],
    ['claimed', {}, [person('x', { email: 'ann@example.com' })]],
    ['legacy-id-taken', {}, [person('x', { 'custom:legacy_sub': 'ANN-sub' })]],
    ['same-email', { email_verified: 'false' }, [person('x', { email: 'ann@example.com' })]],
    ['same-phone', { phone_number: '+1555' }, [person('x', { phone_number: '+1555' })]],
    ['same-username', {}, [person('Ann', { email: 'x@example.com' })]],
  ])('is %s', async (fate, attributes, fresh) => {
    const { selection } = await selected({ legacy: [person('ann', attributes)], fresh });
    expect([...selection.take(['ann-sub'])]).toEqual([['ann-sub', fate]]);
  });

  it('is compared with values of the new pool in lower case', async () => {
    const fresh = [person('x', { 'custom:legacy_sub': 'Ann-Sub' })];
    const { selection } = await selected({ legacy: [person('ann', {}, 'ANN-sub')], fresh });
    expect([...selection.take(['ANN-sub'])]).toEqual([['ANN-sub', 'legacy-id-taken']]);
  });

  it('is unknown where the plan does not know them', async () => {
    const { selection } = await selected({ legacy: [] });
    expect([...selection.take(['late-sub'])]).toEqual([['late-sub', undefined]]);
  });

  it('is told once, to whoever lists them first', async () => {
    const { selection } = await selected({ legacy: [person('ann'), person('bob')] });
    expect([...selection.take(['ann-sub', 'late-sub']).keys()]).toEqual(['ann-sub', 'late-sub']);
    expect([...selection.take(['late-sub', 'bob-sub', 'ann-sub']).keys()]).toEqual(['bob-sub']);
    expect(selection.taken(['ann-sub', 'late-sub', 'cy-sub'])).toEqual(new Set(['ann-sub', 'late-sub']));
  });

  it('is nobody else’s business once others are wanted', async () => {
    const { selection } = await selected({ legacy: [person('ann'), person('bob')] });
    expect(selection.isRestricted).toBe(false);
    await selection.restrictTo(these('bob-sub', 'late-sub', 'bob-sub'));
    expect(selection.isRestricted).toBe(true);
    const fates = selection.take(['ann-sub', 'bob-sub', 'late-sub', 'other-sub']);
    expect([...fates].toSorted()).toEqual([
      ['bob-sub', 'free'],
      ['late-sub', undefined],
    ]);
    // They were listed all the same.
    expect(selection.taken(['ann-sub'])).toEqual(new Set(['ann-sub']));
  });
});

describe('a contact', () => {
  const phone = (verified: string) => ({ phone_number: '+1555', phone_number_verified: verified });

  it('is that of others where they verified it and the user did not', async () => {
    const { selection } = await selected({
      legacy: [
        person('ann', phone('true')),
        person('bob', { ...phone('false'), email: 'ANN@example.com', email_verified: 'false' }),
        person('cy', { email: 'nobody@example.com', email_verified: 'false' }),
      ],
    });
    const others = (name: string) =>
      ['email', 'phone_number'].filter((contact) => selection.isOthers(`${name}-sub`, contact));
    expect(['ann', 'bob', 'cy'].map(others)).toEqual([[], ['email', 'phone_number'], []]);
  });

  it.each<[MatchRule[], boolean]>([
    [['email'], false],
    [['email', 'phone'], true],
  ])('that is a phone number was compared by a plan with %j: %s', async (match, compared) => {
    const { selection } = await selected({ legacy: [] }, match);
    expect(selection.comparedPhones).toBe(compared);
  });
});

it('values that are unique in the new pool are kept for one user, all of them or none', async () => {
  const { selection } = await selected({ legacy: [] });
  expect(selection.reserve([['username', 'ann']])).toBeUndefined();
  expect(
    selection.reserve([
      ['email', 'a@example.com'],
      ['username', 'ann'],
    ]),
  ).toBe('username');
  expect(selection.reserve([['email', 'a@example.com']])).toBeUndefined();
  expect(selection.reserve([['phone', 'ann']])).toBeUndefined();
});

it('users of a legacy pool are counted as the plan knows them', async () => {
  const { opened } = await selected({ legacy: [person('ann'), person('bob')], fresh: [person('cy')] });
  expect(['old_1', 'old_2'].map((id) => Selection.plannedUsers(opened, id))).toEqual([2, 0]);
});

describe('the database', () => {
  it('is readable by its owner alone, and gone afterwards', async () => {
    const { place, close } = await selected({ legacy: [person('ann')] });
    const [name = ''] = readdirSync(place);
    expect(statSync(join(place, name)).mode & 0o777).toBe(0o600);
    close();
    expect(readdirSync(place)).toEqual([]);
  });

  it('leaves nothing behind where there is no finished plan', () => {
    const place = folder();
    const opened = state();
    expect(() => new Selection(place, opened)).toThrow(expect.objectContaining({ code: 'ERR_STATE_NOT_READY' }));
    expect(existsSync(place) && readdirSync(place)).toEqual([]);
  });
});

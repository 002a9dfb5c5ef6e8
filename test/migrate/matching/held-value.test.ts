import { describe, expect, it } from 'vitest';
import { describeHeld } from '../../../src/migrate/matching/held-value.js';
import { storedValue } from '../../../src/migrate/state/schema.js';
import { planned, user, VICTIM } from '../support/stamped-pools.js';

const described = (value: string) =>
  describeHeld(
    {
      value,
      id: value,
      isLegacySub: false,
      backedBy: [],
      isShared: false,
      provider: null,
      isUnconfirmed: false,
      isWritten: false,
    },
    'own',
  );

describe('the text of a value', () => {
  it.each([
    ['a quote', 'x", the sub of a legacy user', '"x\\", the sub of a legacy user"'],
    ['a line break, a NUL and an escape', 'a\r\n\0\u001bb', '"a\\r\\n\\u0000\\u001bb"'],
    ['control characters that JSON leaves', '\u007f\u009b\u2028', '"\\u007f\\u009b\\u2028"'],
    ['what turns the direction of reading', 'a\u202eb\u2066', '"a\\u202eb\\u2066"'],
    ['what is invisible, outside the first plane too', '\u200b\u{e0041}', '"\\u200b\\udb40\\udc41"'],
    ['80 characters', 'x'.repeat(80), `"${'x'.repeat(80)}"`],
    ['more', 'x'.repeat(2048), `"${'x'.repeat(80)}"… (2048 characters)`],
    ['a pair that the cut divides', `${'x'.repeat(79)}😀`, `"${'x'.repeat(79)}\\ud83d"… (81 characters)`],
    ['letters of the world', 'Åsa Łukasz 李', '"Åsa Łukasz 李"'],
  ])('stays between its quotes: %s', (_, value, shown) => {
    expect(described(value)).toBe(`the attribute holds ${shown}, which is not the sub of a legacy user`);
  });

  it('cannot pass for what is known of a value', async () => {
    const forged = `${VICTIM}, the sub of a legacy user; it is the user's id at the identity provider Legacy`;
    const { details } = await planned([user('mallory', { value: forged })]);
    expect(details['mallory']).toBe(
      `the attribute holds "${forged.slice(0, 80)}"… (${forged.length} characters), which is not the sub of a legacy user`,
    );
  });

  it('is not cut at a NUL, and the rest is not an id', async () => {
    const users = [user('mallory', { value: `${VICTIM}\0x` }), user('ann', { value: VICTIM })];
    const { became, details } = await planned(users, { trustAttribute: true });
    expect(became).toEqual({ mallory: 'unexplained', ann: 'ok attribute' });
    expect(details['mallory']).toBe(`the attribute holds "${VICTIM}\ufffdx", which is not the sub of a legacy user`);
  });
});

describe('a value as it is stored', () => {
  it.each<[string | undefined, unknown[]]>([
    [undefined, [null, null, 0]],
    ['', [null, null, 0]],
    ['Ann', ['Ann', 'ann', 0]],
    [VICTIM.toUpperCase(), [VICTIM.toUpperCase(), VICTIM, 1]],
    [`${VICTIM} `, [`${VICTIM} `, `${VICTIM} `, 0]],
  ])('is read and folded: %j', (value, stored) => {
    expect(storedValue(value)).toEqual(stored);
  });
});

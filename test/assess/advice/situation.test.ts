import { describe, expect, it } from 'vitest';
import { mayHaveGroups, movers } from '../../../src/assess/advice/situation.js';
import { situation } from './situations.js';

const withGroups = (names: readonly string[] | undefined) => {
  const base = situation();
  const groups = names?.map((name) => ({ name, precedence: null, hasRole: false }));
  return { ...base, legacy: base.legacy.map((pool) => ({ ...pool, groups })) };
};

describe('groups to copy', () => {
  it.each([
    ['none of them', [], false],
    ["the identity providers' alone", ['eu-west-1_Legacy001_Google'], false],
    ['one that people made', ['eu-west-1_Legacy001_Google', 'staff'], true],
    ['nobody knows which', undefined, true],
  ])('where there are %s: %s', (_which, names, expected) => {
    expect(mayHaveGroups(withGroups(names))).toBe(expected);
  });
});

it('counts the movers of all legacy pools together', () => {
  const one = situation({ newUsers: { total: 0, native: 0 } });
  const both = { ...one, legacy: [...one.legacy, ...one.legacy] };
  expect(movers(both)).toEqual({ mapped: 0, unmapped: 0, native: 1600, federated: 400 });
});

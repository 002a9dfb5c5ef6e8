import { describe, expect, it } from 'vitest';
import { COMMON_OPTIONS, defined, poolId, roleArn } from '../../../src/cli/options/common.js';

describe('a user pool id', () => {
  it.each(['eu-west-1_Ab12Cd34e', 'local_5abc'])('%s is one', (id) => expect(poolId('--x', id)).toBe(id));
  it.each(['', 'my pool', 'eu-west-1', 'eu-west-1_', 5])('%j is none', (id) => {
    expect(() => poolId('--x', id)).toThrow('--x: expected a user pool id like eu-west-1_Ab12Cd34e');
  });
});

it.each([
  ['arn:aws:iam::123456789012:role/service/Name', true],
  ['arn:aws-cn:iam::123456789012:role/Name', true],
  ['arn:aws:iam::123456789012:user/Name', false],
  ['arn:aws:iam::12345:role/Name', false],
])('%s is a role: %s', (arn, isRole) => {
  if (isRole) expect(roleArn('--x', arn)).toBe(arn);
  else expect(() => roleArn('--x', arn)).toThrow('--x: expected a role like');
});

it.each([
  ['custom:legacy_sub', true],
  ['custom:', false],
  ['email', false],
  ['custom:a-name-of-21-letters!', false],
])('%s can hold the legacy id: %s', (name, can) => {
  if (can) expect(COMMON_OPTIONS.attribute.check('--x', name)).toBe(name);
  else expect(() => COMMON_OPTIONS.attribute.check('--x', name)).toThrow('--x: expected custom: and a name');
});

it('omits what is undefined, and keeps null and false', () => {
  expect(Object.entries(defined({ a: undefined, b: null, c: false, d: 0 }))).toEqual([
    ['b', null],
    ['c', false],
    ['d', 0],
  ]);
});

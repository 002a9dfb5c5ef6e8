import { describe, expect, it } from 'vitest';
import {
  checkBoolean,
  checkDate,
  checkFunction,
  checkKeys,
  checkNumber,
  checkOneOf,
  checkString,
  parseJson,
  refuse,
  shown,
  unknownOption,
} from '../src/options.js';

describe('a value in a message', () => {
  it.each([
    [null, 'null'],
    [undefined, 'undefined'],
    [false, 'false'],
    [5, '5'],
    ['a"b', '"a\\"b"'],
    ['x'.repeat(61), `"${'x'.repeat(60)}…"`],
    ['redis://me:secret@host/1', '"redis://…@host/1"'],
    ['redis:/me:secret@host/1', '"redis:/…@host/1"'],
    ['redis:me:secret@host', '"redis:…@host"'],
    ['REDIS://me:secret@host', '"REDIS://…@host"'],
    ['https://host/users/@me', '"https://host/users/@me"'],
    [[], 'an empty array'],
    [['secret'], 'an array'],
    [{ secret: 1 }, 'an object'],
    [new Date(0), 'a Date'],
    [new Date(Number.NaN), 'an invalid Date'],
    [() => 1, 'a function'],
  ])('%j is shown as %s', (value, expected) => {
    expect(shown(value)).toBe(expected);
  });
});

describe('a wrong option', () => {
  it.each<[string, () => unknown, string]>([
    ['anything', () => refuse('a.b', 'something else', 5), 'a.b: expected something else, got 5'],
    ['a string', () => checkString('a', ''), 'a: expected a non-empty string, got ""'],
    ['a boolean', () => checkBoolean('a', 'yes', true), 'a: expected true or false, got "yes"'],
    ['null for a boolean', () => checkBoolean('a', null, true), 'a: expected true or false, got null'],
    [
      'a date',
      () => checkDate('a', '2026-01-01'),
      `a: expected a valid Date, got "2026-01-01". Pass for example new Date('2026-06-30T00:00:00Z').`,
    ],
    [
      'an invalid date',
      () => checkDate('a', new Date('soon')),
      `a: expected a valid Date, got an invalid Date. Pass for example new Date('2026-06-30T00:00:00Z').`,
    ],
    ['a choice', () => checkOneOf('a', 'c', ['a', 'b']), `a: expected 'a' or 'b', got "c"`],
    ['no choice', () => checkOneOf('a', undefined, ['a', 'b']), `a: expected 'a' or 'b', got undefined`],
    ['a function', () => checkFunction('a', 1 as never), 'a: expected a function, got 1'],
    ['a key', () => checkKeys('a', { d: 1 }, ['b', 'c']), 'a.d: unknown option; known are b, c'],
    ['advice', () => refuse('a', 'b', 5, 'Try c.'), 'a: expected b, got 5. Try c.'],
    ['a key at the top', () => checkKeys('', { d: 1 }, ['b']), 'd: unknown option; known are b'],
    ['no object', () => checkKeys('', 5, []), 'options: expected an object, got 5'],
    ['a Date in place of options', () => checkKeys('a', new Date(0), ['b']), 'a: expected a plain object, got a Date'],
    ['a Map', () => checkKeys('a', new Map([['b', 1]]), ['b']), 'a: expected a plain object, got a Map'],
    ['a promise', () => checkKeys('a', Promise.resolve({ b: 1 }), ['b']), 'a: expected a plain object, got a promise'],
  ])('is named with what was expected: %s', (_, check, message) => {
    expect(check).toThrow(expect.objectContaining({ code: 'ERR_CONFIGURATION', message }));
  });

  it.each([
    [0, 'from 1 to 9'],
    [10, 'from 1 to 9'],
    [1.5, 'a whole number'],
    [Number.NaN, 'from 1 to 9'],
    ['5', 'from 1 to 9'],
  ])('%j is not a number in its range', (value, expected) => {
    expect(() => checkNumber('a', value, { min: 1, max: 9, integer: true, fallback: 5 })).toThrow(expected);
  });

  it('names the lower limit of an open range', () => {
    const range = { min: 1, max: Number.POSITIVE_INFINITY, fallback: 5 };
    expect(() => checkNumber('a', 0, range)).toThrow('a number of at least 1, got 0');
  });
});

describe('an unknown option', () => {
  const POOL = ['userPoolId', 'clientIds', 'issuers', 'jwksUri', 'tokenUse'];
  it.each([
    ['clientId', 'clientIds'],
    ['ClientIDs', 'clientIds'],
    ['poolId', 'userPoolId'],
    ['jwksUrl', 'jwksUri'],
    ['token_use', 'tokenUse'],
    ['isuer', 'issuers'],
  ])('%s was probably meant to be %s, and all are listed', (given, meant) => {
    expect(unknownOption(given, POOL)).toBe(`unknown option, did you mean ${meant}? Known are ${POOL.join(', ')}`);
  });

  it.each(['region', 'x', ''])('%j is like none', (given) => {
    expect(unknownOption(given, POOL)).toBe(`unknown option; known are ${POOL.join(', ')}`);
  });
});

describe('a good option', () => {
  it('is answered as it is', () => {
    const [date, run, keys] = [new Date(0), () => 1, { b: 1 }];
    expect(checkString('a', 'x')).toBe('x');
    expect(checkBoolean('a', false, true)).toBe(false);
    expect(checkDate('a', date)).toBe(date);
    expect(checkNumber('a', 9, { min: 1, max: 9, integer: true, fallback: 5 })).toBe(9);
    expect(checkOneOf('a', 'b', ['a', 'b'])).toBe('b');
    expect(checkFunction('a', run)).toBe(run);
    expect(checkKeys('a', keys, ['b'])).toBe(keys);
  });

  it('has its default where it is left out', () => {
    expect(checkBoolean('a', undefined, true)).toBe(true);
    expect(checkNumber('a', undefined, { min: 1, max: 9, fallback: 5 })).toBe(5);
    expect(checkOneOf('a', undefined, ['a', 'b'], 'b')).toBe('b');
    expect(checkFunction('a', undefined)).toBeUndefined();
  });
});

it.each([
  ['{"a":1}', { a: 1 }],
  ['null', null],
  ['', undefined],
  ['{', undefined],
])('%j is read as the JSON %j', (text, expected) => {
  expect(parseJson(text)).toEqual(expected);
});

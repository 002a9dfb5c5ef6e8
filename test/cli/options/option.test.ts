import { describe, expect, it } from 'vitest';
import {
  type CliOption,
  fileOption,
  flagOf,
  flagOption,
  listOption,
  matching,
  numberOption,
  optional,
  pairsOption,
  required,
  severalOption,
  valueOption,
  withDefault,
} from '../../../src/cli/options/option.js';

const colour = matching(/^(red|blue)$/, 'red or blue');
const text = valueOption('<colour>', 'a colour', colour);
const several = severalOption('<colour>', 'colours', colour);
const list = listOption('<colours>', 'colours', colour);
const pairs = pairsOption('<old=new>', 'pairs');
const number = numberOption('<n>', 'a number', { min: 1, max: 5 });
const whole = numberOption('<n>', 'a number', { min: 1, max: 5, integer: true });

describe('flagOf', () => {
  it.each([
    ['legacyPool', '--legacy-pool'],
    ['json', '--json'],
    ['newRoleArn', '--new-role-arn'],
  ])('writes %s as %s', (key, flag) => expect(flagOf(key)).toBe(flag));
});

describe('an option', () => {
  it.each<[string, CliOption<unknown>, unknown, unknown]>([
    ['text', text, 'red', 'red'],
    ['text not given', text, undefined, undefined],
    ['text with a default', withDefault(text, 'blue'), undefined, 'blue'],
    ['a flag', flagOption('x'), true, true],
    ['a flag not given', flagOption('x'), undefined, false],
    ['a flag whose absence says something', optional(flagOption('x')), undefined, undefined],
    ['a number', number, 2.5, 2.5],
    ['a whole number', whole, 5, 5],
    ['one of several', several, 'red', ['red']],
    ['several', several, ['red', 'blue'], ['red', 'blue']],
    ['a list', list, ['blue'], ['blue']],
    ['pairs of the command line', pairs, ['Old=New', 'a=b'], { Old: 'New', a: 'b' }],
    ['pairs of the config file', pairs, { Old: 'New' }, { Old: 'New' }],
    ['a pair named like a property of objects', pairs, ['__proto__=x'], JSON.parse('{"__proto__":"x"}')],
  ])('takes %s', (_name, option, given, value) => expect(option.check('--x', given)).toEqual(value));

  it.each<[string, CliOption<unknown>, unknown, string]>([
    ['text of another form', text, 'green', '--x: expected red or blue, got "green"'],
    ['text that is none', text, 5, '--x: expected red or blue, got 5'],
    ['an empty path', fileOption('<file>', 'x'), '', '--x: expected the path of a file, got ""'],
    ['a missing one', required(text), undefined, '--x: is required: a colour'],
    ['a flag that is text', flagOption('x'), 'yes', '--x: expected true or false, got "yes"'],
    ['a number that is too small', number, 0, '--x: expected a number from 1 to 5, got 0'],
    ['a number that is text', number, '2', '--x: expected a number from 1 to 5, got "2"'],
    ['NaN', number, Number.NaN, '--x: expected a number from 1 to 5, got NaN'],
    ['a fraction', whole, 2.5, '--x: expected a whole number from 1 to 5, got 2.5'],
    ['none of several', several, [], '--x: expected at least one, got an empty array'],
    ['the same twice', several, ['red', 'red'], '--x: expected each only once, got "red"'],
    ['a wrong one of several', list, ['red', 'green'], '--x: expected red or blue, got "green"'],
    ['a list that is none', list, 'red', '--x: expected an array, got "red"'],
    ['a pair without =', pairs, ['Old'], '--x: expected Old=New, got "Old"'],
    ['a pair with two =', pairs, ['a=b=c'], '--x: expected Old=New, got "a=b=c"'],
    ['half a pair', pairs, ['a='], '--x: expected Old=New, got "a="'],
    ['a pair twice', pairs, ['a=b', 'a=c'], '--x: expected each name only once, got "a"'],
    ['a pair that cannot be turned into a text', pairs, [{ toString: 1 }], '--x: expected Old=New, got an object'],
    ['pairs that are no text', pairs, { a: 1 }, '--x: expected an object of names, { "Old": "New" }, got an object'],
  ])('refuses %s', (_name, option, given, message) => expect(() => option.check('--x', given)).toThrow(message));

  it.each([
    ['10', 10],
    ['0.5', 0.5],
    ['-3', -3],
    ['1e3', '1e3'],
    ['0x10', '0x10'],
    ['', ''],
    ['10rps', '10rps'],
    ['Infinity', 'Infinity'],
  ])('reads the word %j as %j where a number is meant', (word, value) => expect(number.fromText?.(word)).toBe(value));

  it('splits a list at its commas', () => expect(list.fromText?.('red, blue')).toEqual(['red', 'blue']));
});

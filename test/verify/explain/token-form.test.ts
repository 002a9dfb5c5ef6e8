import { expect, it } from 'vitest';
import { formMistake } from '../../../src/verify/explain/token-form.js';

it.each<[unknown, string]>([
  [5, 'of type number'],
  [null, 'of type object'],
  [Promise.resolve(''), 'A promise was passed'],
  ['undefined', 'a variable without a value'],
  ['null', 'a variable without a value'],
  ['NaN', 'a variable without a value'],
  [' [object Object]\n', 'a variable without a value'],
  ['[object Promise]', 'a variable without a value'],
  ['Bearer a.b.c', 'begins with "Bearer "'],
  [' \tBEARER\ta.b.c', 'begins with "Bearer "'],
  ['"a.b.c"', 'in quotation marks'],
  [" 'a.b.c'\n", 'in quotation marks'],
  ['`a\n.b.c`', 'in quotation marks'],
  ['""', 'in quotation marks'],
  ['{"AccessToken":"a.b.c"}', 'This is JSON'],
  ['\n [1]', 'This is JSON'],
  [' a.b.c', 'before or after'],
  ['a.b.c\n', 'before or after'],
  ['a. b.c', 'white space in the token'],
  ['a. bearer b.c', 'white space in the token'],
  ['a.b.c.d.e', 'encrypted (JWE)'],
  ['abc', 'no dots'],
])('%j: %s', (token, says) => {
  expect(formMistake(token)).toContain(says);
});

it.each([
  'a.b.c',
  'a.b',
  'a.b.c.d',
  'a.b.c.d.e.f',
  'x"a.b.c"',
  '"a.b".c',
  '"a.b.c\'',
  'xundefined.b.c',
  'xBearer.b.c',
  'bearer.b.c',
  'a.{b}.c',
])('nothing is certain about %j', (token) => {
  expect(formMistake(token)).toBeUndefined();
});

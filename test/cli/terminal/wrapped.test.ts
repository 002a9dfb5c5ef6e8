import pc from 'picocolors';
import { describe, expect, it } from 'vitest';
import { fold, folded } from '../../../src/cli/terminal/wrapped.js';

describe('lines for a terminal', () => {
  it.each<[string, number, string, string[]]>([
    ['what fits as it is', 40, 'All 3 users are right', ['All 3 users are right']],
    ['a paragraph', 26, 'The plan is not finished, continue with', ['The plan is not finished,', 'continue with']],
    [
      'the last column of a table below itself',
      40,
      '  1  set  one legacy user, the attribute is empty',
      ['  1  set  one legacy user, the attribute', '          is empty'],
    ],
    [
      'a column that would be too narrow from the left edge',
      30,
      '  a long first column here  and a text',
      ['  a long first column here', '  and a text'],
    ],
    ['a word that is too long on a line of its own', 10, `x ${'y'.repeat(40)}`, ['x', 'y'.repeat(40)]],
    ['no command that is to be pasted', 10, '  cognito-cutover apply', ['  cognito-cutover apply']],
    ['none in a sentence', 20, 'Run `cognito-cutover plan` again', ['Run `cognito-cutover plan` again']],
    [
      'none of the AWS CLI',
      20,
      'Add it: aws cognito-idp add-custom-attributes --user-pool-id x',
      ['Add it: aws cognito-idp add-custom-attributes --user-pool-id x'],
    ],
    ['a text of several lines', 10, 'one\ntwo', ['one', 'two']],
  ])('fold %s', (_, columns, line, lines) => {
    expect(folded([line], columns)).toEqual(lines);
  });

  it('do not count colours', () => {
    const { yellow } = pc.createColors(true);
    expect(folded([yellow('12345'), `${yellow('12345')} 678`], 6)).toEqual([yellow('12345'), yellow('12345'), '678']);
    const table = `  1  ${yellow('set           ')} one legacy user, the attribute is empty`;
    expect(folded([table], 56)[1]).toBe(`${' '.repeat(20)}empty`);
  });

  it('stay as they are where the width is not known', () => {
    const line = 'x '.repeat(200);
    expect(folded([line], undefined)).toEqual([line]);
  });
});

it('folds one line with an indent of its own', () => {
  expect(fold('  1. one two', 9, '     ')).toEqual(['  1. one', '     two']);
  expect(fold('one two', Number.POSITIVE_INFINITY, '  ')).toEqual(['one two']);
});

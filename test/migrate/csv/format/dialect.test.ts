import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cellFault, fromLine, toLine } from '../../../../src/migrate/csv/format/dialect.js';

/** The other way to read a backslash: it takes the meaning from whatever follows it. */
function readEscapingAll(line: string): string[] {
  const cells = [''];
  for (let at = 0; at < line.length; at++) {
    if (line[at] === ',') cells.push('');
    else {
      if (line[at] === '\\') at++;
      cells[cells.length - 1] += line[at] ?? '';
    }
  }
  return cells;
}

const character = fc.oneof(
  fc.constantFrom(',', '\\', '"', '\n', '\r', '\t', ' ', '=', "'", '\u2028', '\u0085', '\ud800', 'é', '😀'),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
);
const value = fc.array(character, { maxLength: 12 }).map((parts) => parts.join(''));

describe('a row of an import file', () => {
  it('is read as it was meant, however a reader takes backslashes and line breaks', () => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 6 }), (values) => {
        const cells = values.filter((one) => cellFault(one) === undefined);
        fc.pre(cells.length > 0);
        const line = toLine(cells);
        expect(fromLine(line)).toEqual(cells);
        expect(readEscapingAll(line)).toEqual(cells);
        expect(line).not.toMatch(/[\r\n\v\f\u0085\u2028\u2029]/);
        expect(Buffer.from(line).toString()).toBe(line);
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['plain', undefined],
    ['', undefined],
    ['a,b', undefined],
    ['say "hi"', undefined],
    ['{"json":true}', undefined],
    ['😀', undefined],
    ['two\nlines', 'line-break'],
    ['two\r', 'line-break'],
    ['two\u2028', 'line-break'],
    ['ends with \\', 'backslash'],
    ['in \\ between', 'backslash'],
    ['a\\,b', 'backslash'],
    ['"quoted"', 'quote'],
    ['half of a \ud83d', 'not-unicode'],
  ])('takes %j: %s', (text, fault) => expect(cellFault(text)).toBe(fault));

  it('keeps what a spreadsheet would change', () => {
    expect(toLine(['=1+1', '@x', '-2', "'y", ' z '])).toBe("=1+1,@x,-2,'y, z ");
    expect(toLine(['a,b', '', 'c'])).toBe('a\\,b,,c');
  });
});

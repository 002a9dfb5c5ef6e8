import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvLine, withoutMark } from '../../../src/migrate/files/csv-line.js';

describe('csvLine', () => {
  it.each([
    ['plain', 'plain'],
    ['a,b', '"a,b"'],
    ['say "hi"', '"say ""hi"""'],
    ['two\nlines', '"two\nlines"'],
    ['', ''],
    ['=cmd|x', "'=cmd|x"],
    ['+441234567', "'+441234567"],
    ['-1', "'-1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\tx', "'\tx"],
    ['\r=x', '"\'\r=x"'],
    ['＝x', "'＝x"],
    ["'quoted", "''quoted"],
    ['a=b', 'a=b'],
  ])('writes %j as %j', (field, written) => {
    expect(csvLine([field, 'end'])).toBe(`${written},end\r\n`);
  });

  it('follows RFC 4180', () => {
    expect(csvLine(['a', 'b,c', 'd "e"', 'f\ng'])).toBe('a,"b,c","d ""e""","f\ng"\r\n');
  });

  it('can be read back by any parser of RFC 4180, once the mark is taken off', () => {
    const field = fc.string({
      unit: fc.constantFrom('=', '+', '-', '@', "'", '"', ',', '\r', '\n', '\t', 'a', 'é', '＝'),
    });
    fc.assert(
      fc.property(fc.array(field, { minLength: 2, maxLength: 6 }), (fields) => {
        const [record] = parse(csvLine(fields), { record_delimiter: '\r\n' }) as string[][];
        expect(record?.map(withoutMark)).toEqual(fields);
      }),
    );
  });

  it('never leaves a formula at the start of a field', () => {
    fc.assert(
      fc.property(fc.string(), (field) => {
        const [[written]] = parse(csvLine([field, 'end']), { record_delimiter: '\r\n' }) as [[string]];
        expect(written).not.toMatch(/^[=+\-@\t\r\n＝＋－＠]/);
      }),
    );
  });
});

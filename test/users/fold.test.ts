import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fold, readUuid } from '../../src/users/fold.js';

describe('folding', () => {
  it.each([
    ['Ann@Example.ORG', 'ann@example.org'],
    ['JÖRG', 'jörg'],
    ['ΑΒΓ', 'αβγ'],
    // The Kelvin sign and the dotted capital I would become ASCII.
    ['\u212A', '\u212A'],
    ['\u0130', '\u0130'],
    ['', ''],
  ])('%s -> %s', (text, folded) => {
    expect(fold(text)).toBe(folded);
  });

  it('never makes ASCII of what is not, and is stable', () => {
    const ascii = (text: string) => [...text].filter((character) => character <= '\x7f').length;
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(ascii(fold(text))).toBe(ascii(text));
        expect(fold(fold(text))).toBe(fold(text));
      }),
    );
  });
});

describe('readUuid', () => {
  const uuid = 'a1b2c3d4-0000-4000-8000-00000000abcd';

  it.each([uuid, uuid.toUpperCase(), uuid.replace('a1', 'A1')])('reads %s in lower case', (text) => {
    expect(readUuid(text)).toBe(uuid);
  });

  it.each([
    '',
    'ann',
    `${uuid} `,
    `{${uuid}}`,
    uuid.replaceAll('-', ''),
    `${uuid}\n`,
    `${uuid}\0`,
    uuid.replace('c3', '\u212A3'),
  ])('does not take %j for one', (text) => {
    expect(readUuid(text)).toBeUndefined();
  });
});

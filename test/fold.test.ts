import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fold } from '../src/fold.js';

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

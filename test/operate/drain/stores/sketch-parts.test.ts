import { describe, expect, it } from 'vitest';
import {
  partsOf,
  recordOfParts,
  WrittenTexts,
  withoutParts,
} from '../../../../src/operate/drain/stores/sketch-parts.js';
import { recordOf } from '../support.js';

const client = { clientId: 'h1', tokens: 2, hours: [2], lastToken: 5, latestExpiry: 6 };
const record = recordOf({
  tokens: 2,
  users: 'all of them',
  hours: [
    { hour: 3, tokens: 2, users: 'third' },
    { hour: 4, tokens: 0, users: '' },
  ],
  clients: [{ ...client, users: 'of h1' }],
});
const PARTS = new Map([
  ['all', 'all of them'],
  ['h3', 'third'],
  ['c:h1', 'of h1'],
] as const);

describe('the sketches of a record', () => {
  it('are taken out of it', () => {
    expect(partsOf(record)).toEqual(PARTS);
    expect(withoutParts(record)).toEqual({
      ...record,
      users: '',
      hours: [
        { hour: 3, tokens: 2, users: '' },
        { hour: 4, tokens: 0, users: '' },
      ],
      clients: [{ ...client, users: '' }],
    });
  });

  it('are a record again that counts no tokens', () => {
    const merged = recordOfParts(record, PARTS);
    expect(partsOf(merged)).toEqual(PARTS);
    expect(merged).toMatchObject({
      tokens: 0,
      hours: [{ hour: 3, tokens: 0 }],
      clients: [{ tokens: 0, lastToken: 0 }],
    });
    expect(merged.userPoolId).toBe(record.userPoolId);
  });
});

describe('WrittenTexts', () => {
  it('knows what was written last under a key', () => {
    const written = new WrittenTexts();
    expect(written.has('a', 'x')).toBe(false);
    written.add('a', 'x');
    expect(written.has('a', 'x')).toBe(true);
    expect(written.has('b', 'x')).toBe(false);
    written.add('a', 'y');
    expect(written.has('a', 'x')).toBe(false);
    written.clear();
    expect(written.has('a', 'y')).toBe(false);
  });

  it('is bounded', () => {
    const written = new WrittenTexts();
    for (let n = 0; n < 10_001; n += 1) written.add(`${n}`, 'x');
    expect(written.has('0', 'x')).toBe(false);
    expect(written.has('10000', 'x')).toBe(true);
  });
});

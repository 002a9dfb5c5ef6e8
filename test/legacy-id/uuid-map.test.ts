import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UuidMap } from '../../src/legacy-id/uuid-map.js';

const uuid = fc.uuid();

describe('UuidMap', () => {
  it('holds what a Map would hold of the same entries', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(uuid, uuid)), fc.array(uuid), (entries, others) => {
        const reference = new Map<string, string>();
        const map = new UuidMap(entries.length);
        for (const [key, value] of entries) {
          expect(map.add(key, value)).toBe(reference.has(key) ? 'exists' : 'added');
          if (!reference.has(key)) reference.set(key, value);
        }
        expect(map.size).toBe(reference.size);
        for (const key of [...reference.keys(), ...others]) expect(map.get(key)).toBe(reference.get(key));
      }),
    );
  });

  it('tells keys apart that differ in one digit only', () => {
    const keys = Array.from({ length: 4_096 }, (_, n) => `c4e80448-b0a1-70f2-0000-${n.toString(16).padStart(12, '0')}`);
    const map = new UuidMap(keys.length);
    for (const key of keys) expect(map.add(key, key)).toBe('added');
    for (const key of keys) expect(map.get(key)).toBe(key);
    expect(map.get('c4e80448-b0a1-70f2-0000-000000001000')).toBeUndefined();
  });

  it.each([
    '',
    'c4e80448b0a170f20000000000000000',
    'C4E80448-B0A1-70F2-0000-000000000000',
    'c4e80448-b0a1-70f2-0000-00000000000g',
    'c4e80448-b0a1-70f2-0000_000000000000',
    'c4e80448-b0a1-70f2-0000-0000000000000',
    'c4e80448-b0a1-70f2-0000-00000000000 ',
    'c4e80448-b0a1-70f2-0000-00000000000`',
    'c4e80448-b0a1-70f2-0000-00000000000/',
    'c4e80448-b0a1-70f2-0000-00000000000:',
  ])('leaves %j to others, as a key and as a value', (other) => {
    const good = 'c4e80448-b0a1-70f2-0000-000000000000';
    const map = new UuidMap(2);
    expect(map.add(other, good)).toBe('no-uuid');
    expect(map.add(good, other)).toBe('no-uuid');
    expect(map.get(other)).toBeUndefined();
    expect(map.size).toBe(0);
  });

  it('refuses to hold more than its capacity', () => {
    const map = new UuidMap(0);
    expect(map.get('c4e80448-b0a1-70f2-0000-000000000000')).toBeUndefined();
    expect(() => map.add('c4e80448-b0a1-70f2-0000-000000000000', 'c4e80448-b0a1-70f2-0000-000000000000')).toThrow(
      RangeError,
    );
  });
});

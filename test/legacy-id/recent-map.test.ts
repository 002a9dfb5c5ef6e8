import { describe, expect, it } from 'vitest';
import { RecentMap } from '../../src/legacy-id/recent-map.js';

function filled(maxEntries: number, ...keys: string[]) {
  const map = new RecentMap<number>(maxEntries);
  for (const [index, key] of keys.entries()) map.set(key, index);
  return map;
}

describe('a map of recent entries', () => {
  it('holds what was set last', () => {
    const map = filled(4, 'a', 'b', 'a');
    expect([map.get('a'), map.get('b'), map.get('c')]).toEqual([2, 1, undefined]);
  });

  it('drops the older half when it is full', () => {
    const map = filled(4, 'a', 'b', 'c', 'd', 'e');
    expect(['a', 'b', 'c', 'd', 'e'].map((key) => map.get(key) !== undefined)).toEqual([
      false,
      false,
      true,
      true,
      true,
    ]);
  });

  it('keeps entries in use, however many come after them', () => {
    const map = filled(4, 'used');
    for (let index = 0; index < 100; index++) {
      map.set(`other ${index}`, index);
      expect(map.get('used')).toBe(0);
    }
  });

  it('replaces an entry without dropping another', () => {
    expect(filled(4, 'a', 'b', 'b', 'b', 'b').get('a')).toBe(0);
  });

  it('forgets the entries that are meant, young and old', () => {
    const map = filled(4, 'a1', 'b1', 'a2');
    map.forget((key) => key.startsWith('a'));
    expect([map.get('a1'), map.get('a2'), map.get('b1')]).toEqual([undefined, undefined, 1]);
    map.forget((_key, value) => value === 1);
    expect(map.get('b1')).toBeUndefined();
  });
});

import { describe, expect, it } from 'vitest';
import { keyedHasher, newHashKey } from '../../../src/migrate/state/hash-key.js';

describe('a keyed hash', () => {
  const hash = keyedHasher(newHashKey());

  it('is the same for the same value, and another for another kind, value or key', () => {
    expect(hash('email', 'a@example.org')).toBe(hash('email', 'a@example.org'));
    const others = [
      hash('phone', 'a@example.org'),
      hash('email', 'b@example.org'),
      keyedHasher(newHashKey())('email', 'a@example.org'),
    ];
    for (const other of others) expect(other).not.toBe(hash('email', 'a@example.org'));
  });

  it('does not confuse where kind ends and value begins', () => {
    expect(hash('attribute:a', 'bc')).not.toBe(hash('attribute:ab', 'c'));
  });

  it('is short, and holds nothing of the value', () => {
    expect(hash('email', 'a@example.org')).toMatch(/^[\w-]{22}$/);
  });
});

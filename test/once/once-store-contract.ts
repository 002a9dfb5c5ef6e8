import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { OnceStore } from '../../src/once/once-store.js';

/** Seconds since the epoch, an hour from now. */
export const inAnHour = () => Math.floor(Date.now() / 1000) + 3600;

/**
 * What every store must do, whatever is behind it. `open` gives stores as two processes have them.
 */
export function onceStoreContract(
  name: string,
  open: () => { readonly store: OnceStore; readonly other: OnceStore },
  available = true,
): void {
  describe.skipIf(!available)(`${name}, as a store in which each name is used once`, () => {
    it('gives a name once, to whoever asks first', async () => {
      const { store, other } = open();
      const [one, two] = [randomUUID(), randomUUID()];
      expect(await store.claim(one, inAnHour())).toBe(true);
      expect(await store.claim(one, inAnHour())).toBe(false);
      expect(await other.claim(one, inAnHour())).toBe(false);
      expect(await other.claim(two, inAnHour())).toBe(true);
    });

    it('gives a name to exactly one of many who ask at the same time', async () => {
      const { store, other } = open();
      const names = [randomUUID(), randomUUID()];
      for (const one of names) {
        const claims = Array.from({ length: 20 }, (_, at) => (at % 2 === 0 ? store : other).claim(one, inAnHour()));
        const answers = await Promise.all(claims);
        expect(answers.filter((isFirst) => isFirst)).toHaveLength(1);
      }
    });

    it.each([
      ['of one character', '!'],
      ['of 256 characters', `${'~ '.repeat(127)}:x`],
      ['that looks like a key', 'once:a{b}*?[c]'],
    ])('takes a name %s', async (_what, suffix) => {
      const { store } = open();
      const long = suffix.length > 200 ? suffix : `${randomUUID()}${suffix}`;
      expect(await store.claim(long, inAnHour())).toBe(true);
      expect(await store.claim(long, inAnHour())).toBe(false);
      expect(await store.claim(`${long.slice(0, -1)}0`, inAnHour())).toBe(true);
    });

    it('takes a moment that is not whole, or over already', async () => {
      const { store } = open();
      expect(await store.claim(randomUUID(), inAnHour() + 0.25)).toBe(true);
      expect(await store.claim(randomUUID(), inAnHour() - 7200)).toBe(true);
    });
  });
}

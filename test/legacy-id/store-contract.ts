import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type LegacyIdStore, storeResolver } from '../../src/legacy-id/store.js';
import { queryOf } from './support.js';

export interface StoreContractOptions {
  /** False where no store can be had here; the tests are then skipped, and say so. */
  readonly available?: boolean;
}

/** What every store must do, whatever is behind it. `open` gives an empty store; it is called once. */
export function storeContract(
  name: string,
  open: () => Promise<LegacyIdStore>,
  { available = true }: StoreContractOptions = {},
): void {
  describe(`${name}, as a store`, () => {
    let opened: Promise<LegacyIdStore> | undefined;
    const store = () => {
      opened ??= open();
      return opened;
    };

    it.skipIf(!available)('has nothing for a user it was never told of', async () => {
      expect((await (await store()).get(randomUUID())) ?? undefined).toBeUndefined();
    });

    it.skipIf(!available)('gives back what was put, for that user alone', async () => {
      const [one, two] = [randomUUID(), randomUUID()];
      await (await store()).set(one, 'legacy-one');
      expect(await (await store()).get(one)).toBe('legacy-one');
      expect((await (await store()).get(two)) ?? undefined).toBeUndefined();
    });

    it.skipIf(!available)('puts a new legacy id in the place of the old one', async () => {
      const sub = randomUUID();
      await (await store()).set(sub, 'before');
      await (await store()).set(sub, 'after');
      expect(await (await store()).get(sub)).toBe('after');
    });

    it.skipIf(!available).each([
      ['a UUID', randomUUID()],
      ['a UUID in capitals', randomUUID().toUpperCase()],
      ['a number', '4711'],
      ['text of every kind', 'Ärger:{"x"}\n\t😀 %00 '],
      ['2 048 bytes', 'x'.repeat(2_048)],
    ])('keeps %s exactly', async (_name, legacyId) => {
      const sub = randomUUID();
      await (await store()).set(sub, legacyId);
      expect(await (await store()).get(sub)).toBe(legacyId);
    });

    it.skipIf(!available).each(['__proto__', 'constructor', 'toString', 'sub with spaces', 'süb', 'a'.repeat(200)])(
      'takes the sub %j as any other',
      async (sub) => {
        expect((await (await store()).get(sub)) ?? undefined).toBeUndefined();
        await (await store()).set(sub, `of ${sub}`);
        expect(await (await store()).get(sub)).toBe(`of ${sub}`);
      },
    );

    it.skipIf(!available)('holds many that are put and asked for at once', async () => {
      const users = Array.from({ length: 200 }, () => [randomUUID(), randomUUID()] as const);
      await Promise.all(users.map(async ([sub, legacyId]) => (await store()).set(sub, legacyId)));
      const answers = await Promise.all(users.map(async ([sub]) => (await store()).get(sub)));
      expect(answers).toEqual(users.map(([, legacyId]) => legacyId));
    });

    it.skipIf(!available)('serves a resolver', async () => {
      const sub = randomUUID();
      await (await store()).set(sub, 'legacy-id');
      const resolve = storeResolver(await store());
      expect(await resolve(queryOf({ sub }))).toBe('legacy-id');
      expect(await resolve(queryOf({ sub: randomUUID() }))).toBeUndefined();
    });
  });
}

import { describe, expect, it } from 'vitest';
import type { PhaseStore } from '../../../src/operate/phases/phase-source.js';

export interface PlacedStore {
  readonly store: PhaseStore;
  /** Another process's view of the same place. */
  readonly other: PhaseStore;
  /** Puts a text where the plan is; `undefined` removes it. */
  readonly put: (text: string | undefined) => Promise<void>;
}

const EMPTY = { announceFrom: null, acceptSignInsBefore: null, acceptUntil: null };
const DATE = new Date('2026-12-01T09:30:00.500Z');

/** What every store of phases does. */
export function phaseStoreContract(name: string, open: () => Promise<PlacedStore>, isThere = true): void {
  describe.skipIf(!isThere)(`${name} keeps the plan`, () => {
    it('none was set at first; what was written is read, here and by others', async () => {
      const { store, other } = await open();
      expect(await store.read()).toBeUndefined();
      await store.write({ acceptUntil: DATE });
      for (const one of [store, other]) expect(await one.read()).toEqual({ ...EMPTY, acceptUntil: DATE });
      await other.write({ announceFrom: DATE, acceptSignInsBefore: DATE, acceptUntil: DATE });
      expect(await store.read()).toEqual({ announceFrom: DATE, acceptSignInsBefore: DATE, acceptUntil: DATE });
      await store.write({});
      expect(await other.read()).toEqual(EMPTY);
    });

    it('a contradiction is refused, and what is there stays', async () => {
      const { store } = await open();
      await store.write({ acceptUntil: DATE });
      const wrong = { announceFrom: new Date(DATE.getTime() + 1), acceptUntil: DATE };
      await expect(store.write(wrong)).rejects.toThrow('plan.acceptUntil: must not be before announceFrom');
      expect(await store.read()).toEqual({ ...EMPTY, acceptUntil: DATE });
    });

    it.each(['', '{', 'null', '"closed"', '{"acceptUntil":"soon"}'])(
      '%j is not a plan, and not "none"',
      async (text) => {
        const { store, put } = await open();
        await put(text);
        await expect(store.read()).rejects.toThrow(/^plan/);
      },
    );

    it('a plan that is gone was lost', async () => {
      const { store, put } = await open();
      await store.write({ acceptUntil: DATE });
      await store.read();
      await put(undefined);
      await expect(store.read()).rejects.toThrow('is gone from');
    });
  });
}

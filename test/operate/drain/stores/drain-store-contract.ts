import { describe, expect, it } from 'vitest';
import { DAY_MS } from '../../../../src/clock.js';
import type { DrainRecord, DrainStore } from '../../../../src/operate/drain/drain-types.js';
import { sumUp } from '../../../../src/operate/drain/report/drain-sums.js';
import { isDrainInstance, isDrainRecord } from '../../../../src/operate/drain/report/stored-values.js';
import { sketchOf } from '../count/sketches.js';
import { LEGACY_POOL, recordOf, runOf } from '../support.js';

const NOON = Date.UTC(2026, 0, 15, 12);
const EVER = '1970-01-01';

const recordWith = (from: number, until: number, more: Partial<DrainRecord> = {}): DrainRecord => {
  const users = `${sketchOf(from, until)}`;
  const tokens = until - from;
  return recordOf({
    tokens,
    users,
    hours: [{ hour: 9, tokens, users }],
    clients: [{ clientId: 'web', tokens, users, hours: [0, tokens], lastToken: NOON, latestExpiry: NOON + 5 }],
    ...more,
  });
};

/** What every drain store promises. `open` gives a new store; those of one `place` are about the same content. */
export function drainStoreContract(
  name: string,
  open: (place: string) => DrainStore,
  { available = true, prepare = async (_place: string): Promise<void> => {} } = {},
): void {
  let places = 0;
  const newPlace = async () => {
    places += 1;
    const place = `${name.replace(/\W/g, '')}-${places}`;
    await prepare(place);
    return place;
  };
  const run = runOf({ startedAt: NOON - 1_000, reportedAt: NOON });
  const sumsOf = async (store: DrainStore) => sumUp((await store.read(EVER)).records, NOON);

  describe.skipIf(!available)(`${name} as a drain store`, () => {
    it('gives back what was written, and when it began', async () => {
      const place = await newPlace();
      const trace = { userPoolId: LEGACY_POOL, lastToken: 1, latestExpiry: 2, longestLifetime: 3 };
      await open(place).write({ ...run, legacy: [trace] }, [recordWith(0, 20)]);
      const { instances, records, since } = await open(place).read(EVER);
      expect(instances).toEqual([{ ...run, legacy: [trace] }]);
      expect(since).toBe(NOON);
      expect(records.every(isDrainRecord)).toBe(true);
      const { pools, clients } = sumUp(records, NOON);
      expect(pools).toMatchObject({
        [LEGACY_POOL]: { tokens: 20, users: 20, hours: [{ tokens: 20, users: 20 }], days: [{ users: 20 }] },
      });
      expect(clients).toMatchObject([
        { clientId: 'web', tokens: 20, users: 20, lastToken: new Date(NOON).toISOString() },
      ]);
    });

    it('keeps the last of what is written again', async () => {
      const store = open(await newPlace());
      await store.write(run, [recordWith(0, 20)]);
      await store.write(run, [recordWith(0, 20)]);
      await store.write({ ...run, reportedAt: NOON + 9 }, [recordWith(0, 30)]);
      expect((await store.read(EVER)).instances).toEqual([{ ...run, reportedAt: NOON + 9 }]);
      expect((await sumsOf(store)).pools[LEGACY_POOL]).toMatchObject({ tokens: 30, users: 30 });
      expect((await store.read(EVER)).since).toBe(NOON);
    });

    it.each([
      ['few', 0, 400, 300, 700, 0],
      ['few here and many there', 0, 400, 300, 3_000, 0.02],
      ['many', 0, 3_000, 2_000, 6_000, 0.02],
    ])('unites the users of several instances and runs: %s', async (_, a, b, c, d, error) => {
      const place = await newPlace();
      await open(place).write(run, [recordWith(a, b)]);
      await open(place).write(runOf({ ...run, run: 'r2' }), [recordWith(c, d, { run: 'r2' })]);
      const sums = await sumsOf(open(place));
      const { tokens, users, hours } = sums.pools[LEGACY_POOL]!;
      expect(tokens).toBe(b - a + d - c);
      for (const count of [users, hours[0]?.users ?? 0, sums.clients[0]?.users ?? 0]) {
        expect(Math.abs(count / d - 1)).toBeLessThanOrEqual(error);
      }
    });

    it('goes on from few users to many', async () => {
      const store = open(await newPlace());
      for (const until of [10, 900, 1_100, 2_000, 5_000]) await store.write(run, [recordWith(0, until)]);
      expect(Math.abs(((await sumsOf(store)).pools[LEGACY_POOL]?.users ?? 0) / 5_000 - 1)).toBeLessThan(0.02);
    });

    it('reads days from the one asked for', async () => {
      const store = open(await newPlace());
      await store.write(run, [
        recordWith(0, 1, { day: '2026-01-14' }),
        recordWith(0, 2),
        recordWith(0, 3, { day: '2026-01-16' }),
      ]);
      const days = async (from: string) => new Set((await store.read(from)).records.map(({ day }) => day));
      expect(await days('2026-01-15')).toEqual(new Set(['2026-01-15', '2026-01-16']));
      expect(await days(EVER)).toEqual(new Set(['2026-01-14', '2026-01-15', '2026-01-16']));
    });

    it('keeps apart pools, and names of any kind', async () => {
      const store = open(await newPlace());
      const odd = { instance: 'a b#c/ü:{}"', run: 'r 1#2' };
      const other = recordWith(0, 5, { ...odd, userPoolId: 'eu-west-1_Other0000', pool: 'new' });
      await store.write({ ...run, ...odd }, [
        recordWith(0, 7, odd),
        { ...other, clients: [{ ...other.clients[0]!, clientId: 'h1 #:x' }] },
      ]);
      const { instances, records } = await store.read(EVER);
      expect(instances).toEqual([{ ...run, ...odd }]);
      const { pools, clients } = sumUp(records, NOON);
      expect(pools['eu-west-1_Other0000']).toMatchObject({ pool: 'new', users: 5 });
      expect(pools[LEGACY_POOL]?.users).toBe(7);
      expect(clients.map(({ clientId, users }) => [clientId, users])).toEqual([
        ['web', 7],
        ['h1 #:x', 5],
      ]);
    });

    it('keeps what an instance says after its clock was set back, and that it has ended', async () => {
      const place = await newPlace();
      await open(place).write(run, []);
      const corrected = { ...run, startedAt: NOON - 600_000, reportedAt: NOON - 600_000 };
      for (const said of [corrected, { ...corrected, endedAt: NOON - 600_000 }]) {
        await open(place).write(said, []);
        expect((await open(place).read(EVER)).instances).toEqual([said]);
      }
    });

    it('knows when an operator said that an instance is gone, until it writes again', async () => {
      const store = open(await newPlace());
      await store.write(run, []);
      await store.write(runOf({ ...run, run: 'r2', endedAt: NOON }), []);
      await store.write(runOf({ ...run, instance: 'api-2', run: 'r3' }), []);
      const goneAt = async () =>
        (await store.read(EVER)).instances.flatMap((one) => (one.goneAt === undefined ? [] : [[one.run, one.goneAt]]));
      await store.forget('api-1');
      expect(await goneAt()).toEqual([['r1', expect.any(Number)]]);
      expect((await goneAt())[0]?.[1]).toBeGreaterThanOrEqual(NOON);
      await store.forget('api-1', NOON + 5);
      expect(await goneAt()).toEqual([['r1', NOON + 5]]);
      await store.forget('never there');
      await store.write(run, []);
      expect(await goneAt()).toEqual([]);
    });

    it('takes what many write at once', async () => {
      const place = await newPlace();
      await Promise.all(
        Array.from({ length: 8 }, (_, n) =>
          open(place).write(runOf({ ...run, instance: `api-${n}` }), [
            recordWith(n * 50, n * 50 + 100, { instance: `api-${n}` }),
          ]),
        ),
      );
      const { instances, records } = await open(place).read(EVER);
      expect(instances.map(({ instance }) => instance).sort()).toEqual(Array.from({ length: 8 }, (_, n) => `api-${n}`));
      expect(instances.every(isDrainInstance)).toBe(true);
      expect(sumUp(records, NOON).pools[LEGACY_POOL]).toMatchObject({ tokens: 800, users: 450 });
    });

    it('keeps an instance that is missing, for as long as it takes', async () => {
      const store = open(await newPlace());
      await store.write(run, [recordWith(0, 2)]);
      const years = 5 * 365 * DAY_MS;
      await store.write(runOf({ instance: 'api-2', startedAt: NOON + years, reportedAt: NOON + years }), []);
      expect((await store.read('2030-01-01')).instances.map(({ instance }) => instance).sort()).toEqual([
        'api-1',
        'api-2',
      ]);
    });
  });
}

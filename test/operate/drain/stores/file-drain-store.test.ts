import { appendFile, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DAY_MS } from '../../../../src/clock.js';
import { ConfigurationError } from '../../../../src/errors.js';
import type { DrainStore } from '../../../../src/operate/drain/drain-types.js';
import { sumUp } from '../../../../src/operate/drain/report/drain-sums.js';
import { isDrainRecord } from '../../../../src/operate/drain/report/stored-values.js';
import { createFileDrainStore } from '../../../../src/operate/drain/stores/file-drain-store.js';
import { folder } from '../../../support/folder.js';
import { sketchOf } from '../count/sketches.js';
import { LEGACY_POOL, recordOf, runOf } from '../support.js';
import { drainStoreContract } from './drain-store-contract.js';

const NOON = Date.UTC(2026, 0, 15, 12);
const EVER = '1970-01-01';

/** A folder to each test. */
const paths = new Map<string, string>();
drainStoreContract('a file', (place) => createFileDrainStore({ path: paths.get(place)! }), {
  prepare: async (place) => void paths.set(place, join(folder(), 'drain.ndjson')),
});

describe('createFileDrainStore', () => {
  const run = runOf({ startedAt: NOON, reportedAt: NOON });
  const record = recordOf({ tokens: 5, users: `${sketchOf(0, 5)}` });
  const newPath = () => join(folder(), 'drain.ndjson');
  const open = (path: string) => createFileDrainStore({ path });
  const tokensOf = async (store: DrainStore) =>
    sumUp((await store.read(EVER)).records, NOON).pools[LEGACY_POOL]?.tokens;

  it('writes lines of JSON, readable by the owner only', async () => {
    const path = newPath();
    await open(path).write(run, [record]);
    const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => line !== '');
    expect(lines.map((line) => Object.keys(JSON.parse(line)))).toEqual([['since'], ['record'], ['instance']]);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('survives a line that was torn at any place, last or not', async () => {
    const path = newPath();
    const store = open(path);
    await store.write(run, [record]);
    const before = (await stat(path)).size;
    await store.write({ ...run, reportedAt: NOON + 60_000 }, [{ ...record, tokens: 6 }]);
    const whole = await readFile(path);
    for (let end = before; end < whole.length; end += 13) {
      await writeFile(path, whole.subarray(0, end));
      const torn = await open(path).read(EVER);
      // A line may be torn just behind a brace within it: then it is told, and not taken for nothing.
      const damaged = torn.records.filter((one) => !isDrainRecord(one));
      expect(damaged.every((one) => `${one}`.endsWith('}'))).toBe(true);
      expect(torn.instances).toHaveLength(1);
    }
    await truncate(path, before + 30);
    await open(path).write(runOf({ ...run, run: 'r2' }), [{ ...record, run: 'r2', tokens: 7 }]);
    const { instances } = await store.read(EVER);
    expect(instances.map((one) => one.run)).toEqual(['r1', 'r2']);
    expect(await tokensOf(store)).toBe(12);
  });

  it('passes on a line that is damaged, so that the reader says so, even after it was written again', async () => {
    const path = newPath();
    await open(path).write(run, [record]);
    await appendFile(path, '{"record":{"instance":}\n{"else":1}\n{"record":1}\n\n');
    const { records } = await open(path).read(EVER);
    expect(records.filter((one) => !isDrainRecord(one))).toHaveLength(3);
  });

  it('does not grow without bound, and gives up what is older than it keeps', async () => {
    const path = newPath();
    const store = createFileDrainStore({ path, retentionDays: 30 });
    const users = `${sketchOf(0, 2_000)}`;
    const clients = Array.from({ length: 12 }, (_, n) => ({
      clientId: `c${n}`,
      tokens: 1,
      users,
      hours: [1],
      lastToken: NOON,
      latestExpiry: NOON,
    }));
    await store.write({ ...run, run: 'r0', endedAt: NOON }, [{ ...record, run: 'r0' }]);
    await appendFile(path, '{"damaged":1}\n');
    for (let day = 8; day <= 39; day += 1) {
      const at = NOON + day * DAY_MS;
      await store.write({ ...run, reportedAt: at }, [{ ...record, day: new Date(at).toISOString().slice(0, 10) }]);
    }
    let largest = 0;
    for (let minute = 0; minute < 60; minute += 1) {
      const at = NOON + 40 * DAY_MS + minute * 60_000;
      await store.write({ ...run, reportedAt: at }, [{ ...record, day: '2026-02-24', tokens: minute + 1, clients }]);
      largest = Math.max(largest, (await stat(path)).size);
    }
    expect(largest).toBeLessThan(2_000_000);
    const { instances, records, since } = await open(path).read(EVER);
    expect(instances).toEqual([{ ...run, reportedAt: NOON + 40 * DAY_MS + 59 * 60_000 }]);
    const days = records.filter(isDrainRecord);
    expect([days.length, days[0]?.day, days.at(-1)?.day, days.at(-1)?.tokens]).toEqual([
      ...[32, '2026-01-24', '2026-02-24', 60],
    ]);
    expect(records.filter((one) => !isDrainRecord(one))).toHaveLength(1);
    expect(since).toBe(NOON);
    expect(await readdir(dirname(path))).toEqual(['drain.ndjson']);
  });

  it('gives up nothing because of a clock that is years ahead', async () => {
    const path = newPath();
    const store = createFileDrainStore({ path, retentionDays: 30 });
    await store.write({ ...run, run: 'r0', endedAt: NOON }, [{ ...record, run: 'r0' }]);
    const ahead = { ...run, instance: 'api-2', reportedAt: NOON + 900 * DAY_MS };
    // So much that the file is written again.
    const hours = Array.from({ length: 24 }, (_, hour) => ({ hour, tokens: 1, users: 'x'.repeat(60_000) }));
    await store.write(ahead, [{ ...record, instance: 'api-2', day: '2028-07-03', hours }]);
    const { ino } = await stat(path);
    for (let minute = 1; minute <= 4; minute += 1) {
      await store.write({ ...ahead, reportedAt: ahead.reportedAt + minute }, [
        { ...record, instance: 'api-2', day: '2028-07-03', hours, tokens: 1 + minute },
      ]);
    }
    expect((await stat(path)).ino).not.toBe(ino);
    const { instances, records } = await open(path).read(EVER);
    expect(instances.map((one) => one.run)).toContain('r0');
    expect(records.map(({ day }) => day)).toContain(record.day);
  });

  it('loses nothing while several processes write the file again', async () => {
    const path = newPath();
    const users = `${sketchOf(0, 2_000)}`;
    const clients = Array.from({ length: 12 }, (_, n) => ({
      clientId: `c${n}`,
      tokens: 1,
      users,
      hours: [1],
      lastToken: NOON,
      latestExpiry: NOON,
    }));
    await Promise.all(
      Array.from({ length: 4 }, async (_, n) => {
        const store = open(path);
        const own = { instance: `api-${n}`, run: `r${n}` };
        for (let tokens = 1; tokens <= 8; tokens += 1)
          await store.write({ ...run, ...own }, [{ ...record, ...own, tokens, clients }]);
        await store.write({ ...run, ...own, endedAt: NOON }, []);
      }),
    );
    const { instances } = await open(path).read(EVER);
    expect(instances.map(({ endedAt }) => endedAt)).toEqual([NOON, NOON, NOON, NOON]);
    expect(await tokensOf(open(path))).toBe(32);
  });

  it('writes its own again where the file was replaced or removed, and says since when it holds anything', async () => {
    const path = newPath();
    const store = open(path);
    await store.write(run, [record]);
    await rm(path);
    await store.write({ ...run, reportedAt: NOON + 60_000 }, []);
    expect((await store.read(EVER)).since).toBe(NOON + 60_000);
    expect(await tokensOf(store)).toBe(5);
  });

  it('rejects where there is no file, or one that cannot be written', async () => {
    const path = newPath();
    await expect(open(path).read(EVER)).rejects.toThrow(/ENOENT/);
    await expect(open(path).forget('api-1')).rejects.toThrow(/ENOENT/);
    await expect(open(dirname(path)).write(run, [])).rejects.toThrow(/EISDIR/);
    await expect(open(join(path, 'x')).write(run, [])).rejects.toThrow(/ENOENT/);
  });

  it.each([{}, { path: '' }, { path: 'x', retentionDays: 5000 }, { path: 'x', file: 'y' }])(
    'refuses the options %j',
    (options) => {
      expect(() => Reflect.apply(createFileDrainStore, undefined, [options])).toThrow(ConfigurationError);
    },
  );
});

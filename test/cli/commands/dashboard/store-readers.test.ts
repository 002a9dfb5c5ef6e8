import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { storeReaders } from '../../../../src/cli/commands/dashboard/store-readers.js';
import { storeAddress } from '../../../../src/cli/options/store-address.js';
import { systemClock } from '../../../../src/clock.js';
import { folder } from '../../../support/folder.js';
import { startRedis } from '../../../support/redis-server.js';
import { HAS } from '../../../support/tools.js';

const { signal } = new AbortController();
const SETTINGS = { refreshLifetime: undefined, retentionDays: undefined, expectInstances: undefined };

function readers({ from, to }: { from?: string[]; to?: string }) {
  const addresses = from?.map((one) => storeAddress('.ndjson')('--from', one));
  const phases = to === undefined ? undefined : storeAddress('.json')('--to', to);
  return storeReaders({ ...SETTINGS, from: addresses, to: phases }, systemClock);
}

describe('the stores', () => {
  it('are read only where they are named', () => {
    expect(readers({})).toEqual({});
  });

  it('tell the phase of a file, and that none was set', async () => {
    const to = join(folder(), 'phases.json');
    const { phase } = readers({ to });
    expect(await phase?.(signal)).toMatchObject({ isSet: false, phase: 'open' });
    writeFileSync(to, JSON.stringify({ acceptUntil: '2020-01-01T00:00:00Z' }));
    expect(await phase?.(signal)).toMatchObject({ isSet: true, phase: 'closed' });
    writeFileSync(to, '{"acceptUntil": "soon"}');
    await expect(phase?.(signal)).rejects.toThrow(/holds something that is not a plan/);
  });

  it('fail where none can be read, and are a reason where one of them cannot', async () => {
    const file = join(folder(), 'counts.ndjson');
    writeFileSync(file, '');
    const gone = 'redis://user:hunter2@127.0.0.1:1';
    await expect(readers({ from: [gone] }).drain?.(signal)).rejects.toThrow(/^(?!.*hunter2).*ECONNREFUSED/);
    const report = await readers({ from: [gone, file] }).drain?.(signal);
    expect(report?.safeToClose).toBe(false);
    expect(JSON.stringify(report)).toMatch(/redis:\/\/127\.0\.0\.1:1 cannot be read/);
    expect(JSON.stringify(report)).not.toContain('hunter2');
  });
});

describe.skipIf(!HAS.redis)('a Redis', () => {
  let redis: Awaited<ReturnType<typeof startRedis>>;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  it('that was away is read again when it is back', async () => {
    const { drain } = readers({ from: [redis.url] });
    expect(await drain?.(signal)).toMatchObject({ safeToClose: false, instances: 0 });
    const { port } = redis;
    await redis.stop();
    await expect(drain?.(signal)).rejects.toThrow();
    redis = await startRedis(port);
    expect(await drain?.(signal)).toMatchObject({ safeToClose: false, instances: 0 });
  });
});

import { join } from 'node:path';
import { createClient } from 'redis';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openDrainStores } from '../../src/cli/drain-stores.js';
import { storeAddress } from '../../src/cli/options/store-address.js';
import { createFileDrainStore } from '../../src/operate/drain/stores/file-drain-store.js';
import { createRedisDrainStore } from '../../src/operate/drain/stores/redis-drain-store.js';
import { folder } from '../support/folder.js';
import { startRedis } from '../support/redis-server.js';
import { HAS } from '../support/tools.js';
import { countedFile, countInto, DRAINED, STANDING } from './commands/drain/counted.js';
import { run } from './support.js';

const address = (text: string) => storeAddress('.ndjson')('--from', text);
const options = { option: '--from', clock: STANDING };

async function open(...texts: string[]) {
  const opened = await openDrainStores(texts.map(address), options);
  onTestFinished(() => opened.close());
  return opened.stores;
}

const instancesOf = (content: { instances: readonly { instance: string }[] }) =>
  [...new Set(content.instances.map(({ instance }) => instance))].sort();

describe('the stores of drain', () => {
  it('are read under the names of their addresses', async () => {
    const path = await countedFile(join(folder(), 'drain.ndjson'), DRAINED);
    const [file, table] = await open(path, 'dynamodb://cutover?region=eu-west-1');
    expect(instancesOf(await file!.read('2026-01-01'))).toEqual(['api-1', 'api-2']);
    expect(file!.name).toBe(path);
    expect(table!.name).toBe('dynamodb://cutover?region=eu-west-1');
  });

  it('are not taken to keep less than they do: how long that is, the instances say', async () => {
    const path = join(folder(), 'drain.ndjson');
    await countInto(createFileDrainStore({ path, retentionDays: 100 }), DRAINED);
    const drain = (...args: string[]) => run(['drain', '--from', path, ...args, '--json'], { clock: STANDING });
    const { reasons } = JSON.parse((await drain('--refresh-lifetime', '95d')).stdout);
    expect(reasons.filter((reason: string) => reason.startsWith('The store keeps'))).toEqual([]);
    const longer = JSON.parse((await drain('--refresh-lifetime', '101d')).stdout);
    expect(longer.reasons).toContainEqual(expect.stringMatching(/^The store keeps what was counted since/));
  });

  it('include one that cannot be reached, and cannot be read', async () => {
    const [store] = await open('redis://user:secret@127.0.0.1:1');
    await expect(store!.read('2026-01-01')).rejects.toThrow(/^connect ECONNREFUSED/);
    expect(store!.name).not.toContain('secret');
  });
});

describe.skipIf(!HAS.redis)('drain with a real Redis', () => {
  it('answers from what the instances counted there, and is told that one is gone', async () => {
    const server = await startRedis();
    onTestFinished(() => server.stop());
    const client = createClient({ url: server.url });
    await client.connect();
    onTestFinished(() => client.destroy());
    const silent = { instance: 'api-3', reportedAgoMs: 3 * 86_400_000 };
    await countInto(createRedisDrainStore({ client: client as never, keyPrefix: 'shop:' }), [...DRAINED, silent]);
    const drain = (...args: string[]) =>
      run(['drain', '--from', `${server.url}?prefix=shop:`, '--refresh-lifetime', '0', ...args], { clock: STANDING });
    const before = await drain();
    expect(before.stdout).toContain('api-3 stopped reporting');
    expect(before.ending).toBe('attention');
    const after = await drain('--gone', 'api-3', '--gone-at', '2026-02-27T12:30:00Z', '--yes');
    expect(after.stdout).toMatch(/^Safe to close/);
    expect(after.ending).toBe('done');
  });

  it('says "not yet" while it is down, with exit code 1', async () => {
    const { stdout, ending } = await run(['drain', '--from', 'redis://127.0.0.1:1', '--refresh-lifetime', '0']);
    expect(stdout).toContain('1.  redis://127.0.0.1:1 cannot be read (connect ECONNREFUSED 127.0.0.1:1)');
    // Nothing is known of the instances, and nothing is claimed.
    expect(stdout).toMatch(/^Not yet: 1 reason against/);
    expect(ending).toBe('attention');
  });
});

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createTestPools } from '../../../../src/testing/index.js';
import { freePort } from '../../../examples/forward-auth-proxies.js';
import { folder } from '../../../support/folder.js';
import { startRedis } from '../../../support/redis-server.js';
import { HAS } from '../../../support/tools.js';
import { runBin } from '../../support.js';

const SUB = '11111111-2222-4333-8444-555555555555';

describe.skipIf(!HAS.redis)('forward-auth with its stores in Redis', () => {
  it('starts without it, uses it when it comes, and again after each outage, a silent one too', async () => {
    const pools = await createTestPools();
    onTestFinished(() => pools.close());
    const port = await freePort();
    const url = `redis://127.0.0.1:${port}`;
    const config = join(folder(), 'forward-auth.json');
    const both = { legacyPool: pools.legacyPool.options, newPool: pools.newPool.options, tokenUse: 'access' };
    const stores = { legacyId: { resolve: url, resolvedSeconds: 0 }, phases: url, drainStore: url };
    writeFileSync(config, JSON.stringify({ ...both, ...stores, cache: false }));
    const { child, output, ended } = runBin(['forward-auth', '--config', config, '--port', '0', '--grace', '0']);
    await expect.poll(() => output.stdout, { timeout: 20_000 }).toContain('Decisions: ');
    const [address = ''] = /http:\S+/.exec(output.stdout) ?? [];
    const ask = async (token: string) => {
      const headers = { authorization: `Bearer ${token}` };
      const answer = await fetch(address, { headers });
      return [answer.status, answer.headers.get('x-auth-user-id')];
    };
    // Another user each time, whom no cache knows.
    let user = 0;
    const unknown = () => ask(pools.newPool.accessToken({ sub: SUB.replace(/\d{4}$/, `${1000 + user++}`) }));
    const legacy = () => ask(pools.person().legacy.accessToken());
    expect((await unknown())[0]).toBe(503);
    expect((await legacy())[0]).toBe(503);

    const first = await startRedis(port);
    onTestFinished(() => first.stop());
    await expect.poll(async () => (await unknown())[0], { timeout: 30_000 }).toBe(403);
    await expect.poll(async () => (await legacy())[0], { timeout: 60_000 }).toBe(200);

    // It keeps the connection, and answers nothing.
    first.pause();
    expect((await unknown())[0]).toBe(503);
    expect((await legacy())[0]).toBe(200);
    first.resume();
    await expect.poll(async () => (await unknown())[0], { timeout: 60_000 }).toBe(403);

    await first.stop();
    await expect.poll(async () => (await unknown())[0], { timeout: 30_000 }).toBe(503);
    const second = await startRedis(port);
    onTestFinished(() => second.stop());
    await expect.poll(async () => (await unknown())[0], { timeout: 60_000 }).toBe(403);

    child.kill('SIGTERM');
    expect((await ended).code).toBe(0);
    expect(output.stderr).toContain('Phase: open.');
    expect(output.stderr).toContain('The legacy ids: works again.');
  }, 240_000);
});

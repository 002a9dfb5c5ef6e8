import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createClient } from 'redis';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createFileDrainStore } from '../../src/operate/drain/index.js';
import { createRedisDrainStore } from '../../src/stores/redis-stores.js';
import { folder } from '../support/folder.js';
import { startRedis } from '../support/redis-server.js';
import { HAS } from '../support/tools.js';

const directory = fileURLToPath(new URL('../../examples/express-app', import.meta.url));

function start(env: Record<string, string>): ChildProcess {
  const { PATH = '', SystemRoot = '' } = process.env;
  const child = spawn(process.execPath, ['server.mjs'], {
    cwd: directory,
    env: { PATH, SystemRoot, PORT: '0', METRICS_PORT: '0', ...env },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

/** What it prints at its start. */
async function started(child: ChildProcess) {
  const found = { address: '', metrics: '', tokens: [] as string[] };
  if (child.stdout === null) throw new Error('no output');
  for await (const line of createInterface(child.stdout)) {
    found.address ||= /^Listening on (\S+)$/.exec(line)?.[1] ?? '';
    found.metrics ||= /^Metrics at (\S+)$/.exec(line)?.[1] ?? '';
    const token = /Bearer (\S+)'$/.exec(line)?.[1];
    if (token !== undefined) found.tokens.push(token);
    if (found.tokens.length === 4) break;
  }
  return found;
}

describe('what runs beside the requests', () => {
  it('follows the phases, serves metrics, and leaves nothing uncounted when it ends', async () => {
    const dir = folder();
    const [phases, drain] = [join(dir, 'phases.json'), join(dir, 'drain.ndjson')];
    const child = start({ PHASES: phases, PHASES_POLL_SECONDS: '0.1', DRAIN: drain, DRAIN_FLUSH_SECONDS: '3600' });
    const { address, metrics, tokens } = await started(child);
    const [legacy = '', moved = ''] = tokens;
    const get = (token: string) => fetch(`${address}/orders`, { headers: { authorization: `Bearer ${token}` } });
    const visit = async () => {
      const page = await fetch(`${address}/`, { headers: { cookie: `session=${legacy}` } });
      return { status: page.status, text: await page.text() };
    };
    expect((await get(legacy)).status).toBe(200);

    const later = new Date(Date.now() + 30 * 86_400_000);
    writeFileSync(phases, JSON.stringify({ announceFrom: '2026-01-01T00:00:00Z', acceptUntil: later.toISOString() }));
    await expect.poll(async () => (await get(legacy)).headers.get('sunset')).toBe(later.toUTCString());
    expect(await visit()).toMatchObject({
      status: 200,
      text: expect.stringContaining(`The old pool closes on ${later.toUTCString()}`),
    });

    writeFileSync(phases, JSON.stringify({ acceptUntil: '2026-01-01T00:00:00Z' }));
    await expect.poll(async () => (await get(legacy)).status).toBe(401);
    expect(await visit()).toMatchObject({ status: 401, text: expect.stringContaining('The old sign-in is closed') });
    expect((await get(moved)).status).toBe(200);
    expect(await (await fetch(metrics)).text()).toContain('error_type="ERR_LEGACY_POOL_CLOSED"');

    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
    const { instances, records } = await createFileDrainStore({ path: drain }).read('2020-01-01');
    expect(instances).toEqual([expect.objectContaining({ endedAt: expect.any(Number) })]);
    expect(records.map(({ pool }) => pool).sort()).toEqual(['legacy', 'new']);
  });

  it.skipIf(!HAS.redis)('shares one connection where the phases and the count are in the same Redis', async () => {
    const redis = await startRedis();
    onTestFinished(() => redis.stop());
    const child = start({ PHASES: redis.url, DRAIN: redis.url });
    const { address, tokens } = await started(child);
    const [legacy] = tokens;
    expect((await fetch(`${address}/me`, { headers: { authorization: `Bearer ${legacy}` } })).status).toBe(200);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);

    const client = createClient({ url: redis.url });
    await client.connect();
    onTestFinished(() => client.destroy());
    const { instances, records } = await createRedisDrainStore({ client }).read('2020-01-01');
    expect(instances).toMatchObject([{ endedAt: expect.any(Number) }]);
    expect(records.reduce((sum, { tokens }) => sum + tokens, 0)).toBe(1);
  });

  it('starts without Redis: who does not depend on it is served', async () => {
    const child = start({ PHASES: 'redis://127.0.0.1:1', DRAIN: 'redis://127.0.0.1:1' });
    child.stderr?.resume();
    const { address, tokens } = await started(child);
    const [legacy, moved] = tokens;
    const get = (token: string | undefined) =>
      fetch(`${address}/me`, { headers: { authorization: `Bearer ${token}` } });
    expect((await get(moved)).status).toBe(200);
    // Whether the legacy pool is closed is not known.
    expect((await get(legacy)).status).toBe(503);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it('closes what has started when the rest cannot', async () => {
    const child = start({
      PHASES: 'phases.json',
      LEGACY_ACCEPT_UNTIL: '2027-01-31T00:00:00Z',
      NEW_USER_POOL_ID: 'eu-west-1_New',
      NEW_CLIENT_IDS: 'c',
      TOKEN_USE: 'id',
    });
    let errors = '';
    child.stderr?.on('data', (chunk) => {
      errors += chunk;
    });
    const [code] = await once(child, 'close');
    expect(errors).toContain('LEGACY_ACCEPT_UNTIL or PHASES, not both');
    expect(code).toBe(1);
    expect(existsSync(join(directory, 'phases.json'))).toBe(false);
  });
});

it('the README names every variable', () => {
  const code = ['config.mjs', 'service.mjs', 'operations.mjs'].map((name) =>
    readFileSync(join(directory, name), 'utf8'),
  );
  const names = new Set(code.join('\n').match(/(?<=\benv\.)[A-Z_]+/g));
  expect(names.size).toBeGreaterThan(8);
  const readme = readFileSync(join(directory, 'README.md'), 'utf8');
  expect([...names].filter((name) => !readme.includes(`\`${name}\``))).toEqual([]);
});

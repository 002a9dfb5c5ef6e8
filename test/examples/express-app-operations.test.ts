import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createFileDrainStore } from '../../src/operate/drain/index.js';
import { folder } from '../support/folder.js';
import { directory, start, started } from './express-app-process.js';

/** How soon a machine that has other things to do gets there. */
const PATIENCE = { timeout: 20_000 };

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
    await expect.poll(async () => (await get(legacy)).headers.get('sunset'), PATIENCE).toBe(later.toUTCString());
    expect(await visit()).toMatchObject({
      status: 200,
      text: expect.stringContaining(`The old pool closes on ${later.toUTCString()}`),
    });

    writeFileSync(phases, JSON.stringify({ acceptUntil: '2026-01-01T00:00:00Z' }));
    await expect.poll(async () => (await get(legacy)).status, PATIENCE).toBe(401);
    expect(await visit()).toMatchObject({ status: 401, text: expect.stringContaining('The old sign-in is closed') });
    expect((await get(moved)).status).toBe(200);
    expect(await (await fetch(metrics)).text()).toContain('error_type="ERR_LEGACY_POOL_CLOSED"');

    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
    const { instances, records } = await createFileDrainStore({ path: drain }).read('2020-01-01');
    expect(instances).toEqual([expect.objectContaining({ endedAt: expect.any(Number) })]);
    expect(records.map(({ pool }) => pool).sort()).toEqual(['legacy', 'new']);
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
  const names = new Set(code.join('\n').match(/(?<=\benv\.|\(env, ')[A-Z_]+/g));
  expect(names.size).toBeGreaterThan(8);
  const readme = readFileSync(join(directory, 'README.md'), 'utf8');
  expect([...names].filter((name) => !readme.includes(`\`${name}\``))).toEqual([]);
});

import { rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../../src/clock.js';
import { FakeClock } from '../../../support/fake-clock.js';
import { folder } from '../../../support/folder.js';
import { everyOutcome, startMigration, sub } from '../../migration.js';
import { HOSTILE_NAMES } from '../../report-states.js';
import { drainReport, serveDashboard } from './served.js';

/** What a browser cannot send. */
function statusOf(port: number, path: string, headers: Record<string, string>, method = 'GET'): Promise<number> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, headers, method }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });
}

/** A finished plan with every outcome, of which a user has a name that spreadsheets run. */
async function planned() {
  const migration = await startMigration(everyOutcome());
  onTestFinished(() => migration[Symbol.asyncDispose]());
  await migration.command('plan');
  return migration;
}

describe('every answer', () => {
  it.each(['', 'live.js', 'icon.svg', 'nothing', '../'])(
    '%s: is kept nowhere, and embedded and read by nobody else',
    async (path) => {
      const { get } = await serveDashboard();
      const { headers } = await get(path);
      expect(Object.fromEntries(headers)).toMatchObject({
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
        'cross-origin-resource-policy': 'same-origin',
        'cross-origin-opener-policy': 'same-origin',
      });
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-[\w+/]{43}='; script-src 'self'; /);
      for (const rule of ["frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"])
        expect(policy).toContain(rule);
      expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
    },
  );

  it('is refused to others before anything is read', async () => {
    let reads = 0;
    const { port, address } = await serveDashboard({ stores: { drain: async () => drainReport(++reads) } });
    const { pathname } = new URL(address);
    const host = `127.0.0.1:${port}`;
    expect(await statusOf(port, pathname, { host: 'attacker.example' })).toBe(421);
    expect(await statusOf(port, pathname, { host, origin: 'http://127.0.0.1:3000' })).toBe(403);
    expect(await statusOf(port, pathname, { host }, 'POST')).toBe(405);
    expect(await statusOf(port, '/', { host })).toBe(404);
    expect(reads).toBe(0);
    expect(await statusOf(port, pathname, { host }, 'HEAD')).toBe(200);
  });

  it('has another secret each time', async () => {
    const addresses = await Promise.all([serveDashboard(), serveDashboard()]);
    const secrets = addresses.map(({ address }) => new URL(address).pathname);
    expect(secrets[0]).toMatch(/^\/[\w-]{24}\/$/);
    expect(new Set(secrets).size).toBe(2);
  });
});

describe('the page', () => {
  it('says that there is no state file yet, and shows it once there is one', async () => {
    const dir = folder();
    const { page } = await serveDashboard({ state: join(dir, 'cutover.db') });
    expect(await page()).toMatch(/There is no state file .*This page shows it as soon as it is there/s);
  });

  it('shows a plan: how far it is, its outcomes, and who needs a person', async () => {
    const { state } = await planned();
    const text = await (await serveDashboard({ state })).page();
    expect(text).toContain('Planned: 1 write, none done yet.');
    expect(text).toContain('cognito-cutover apply');
    expect(text).toContain('7 users need a person');
    expect(text).toContain('mallory');
  });

  it('follows a migration from its plan to its end', async () => {
    const clock = new FakeClock();
    const migration = await planned();
    const { page } = await serveDashboard({ state: migration.state, clock });
    expect(await page()).toContain('0 of 1 written');
    await migration.command('apply', ['--yes']);
    clock.freeze(60_000);
    expect(await page()).toContain('1 of 1 written');
  });

  it('forgets a state file that is deleted, and shows the one that comes in its place', async () => {
    const clock = new FakeClock();
    const { state, command } = await planned();
    const { page, get } = await serveDashboard({ state, clock });
    expect(await page()).toContain('mallory');
    rmSync(state);
    clock.freeze(60_000);
    const gone = await page('?show=everybody');
    expect(gone).toContain('There is no state file');
    expect(gone).not.toMatch(/mallory|7 users need a person/);
    expect((await get('users.csv')).status).toBe(500);
    await command('plan');
    clock.freeze(60_000);
    expect(await page()).toContain('mallory');
  });

  it.each([
    ['damaged', 'SQLite format 3\0 and then nothing', /is not a state file/],
    ['no database', 'a,b,c\n'.repeat(50), /it is not an SQLite database/],
  ])('says that the state file is %s, and shows the rest', async (_, content, why) => {
    const state = join(folder(), 'cutover.db');
    writeFileSync(state, content);
    const text = await (await serveDashboard({ state, stores: { drain: async () => drainReport(Date.now()) } })).page();
    expect(text).toMatch(why);
    expect(text).toContain('Legacy tokens were accepted a minute ago.');
  });

  it('says that the state is of other pools than those named', async () => {
    const { state } = await planned();
    const { page } = await serveDashboard({ state, settings: { newPool: 'eu-west-1_Another' } });
    const text = await page();
    expect(text).toContain('--new-pool');
    expect(text).not.toContain('mallory');
  });

  it('shows what a store said last, and that it cannot be read now', async () => {
    const clock = new FakeClock();
    let isDown = false;
    const drain = async () => {
      if (isDown) throw new Error('connect ECONNREFUSED');
      return drainReport(clock.now(), { safeToClose: true, reasons: [] });
    };
    const { page } = await serveDashboard({ stores: { drain }, clock });
    expect(await page()).toContain('Safe: the legacy pool can be closed.');
    isDown = true;
    clock.freeze(60_000);
    const text = await page();
    expect(text).toContain('redis://cache.example.com:6379 cannot be read since');
    expect(text).toContain('3,456 tokens');
    expect(text).not.toContain('Safe: the legacy pool can be closed.');
    expect(text).toContain('Not known: it was safe when this was last read');
  });

  it('does not wait for a store that does not answer', async () => {
    const { page } = await serveDashboard({ stores: { drain: () => new Promise(() => {}) }, clock: systemClock });
    expect(await page()).toMatch(/id="drain".*Reading …/s);
  });

  it('is safe from what users call themselves, and from what stores hold', async () => {
    const [legacy, fresh] = everyOutcome();
    const users = HOSTILE_NAMES.map((username, at) => ({
      ...{ username, sub: sub(300 + at) },
      attributes: { 'custom:legacy_sub': '<b>"&</b>' },
    }));
    const migration = await startMigration([legacy, { ...fresh, users }]);
    onTestFinished(() => migration[Symbol.asyncDispose]());
    await migration.command('plan');
    const hostile = '"><script>alert(1)</script>';
    const report = drainReport(Date.now(), { reasons: [hostile], pools: {} });
    const clients = report.clients.map((client) => ({ ...client, clientId: hostile }));
    const { page } = await serveDashboard({
      state: migration.state,
      stores: { drain: async () => ({ ...report, clients }) },
    });
    const text = await page(`?name=${encodeURIComponent(hostile)}&after=${encodeURIComponent(hostile)}`);
    expect(text.match(/<script/g)).toHaveLength(1);
    expect(text + (await page())).not.toMatch(/<img|alert\(1\)<\/script>|\u202E/);
  });
});

describe('the users', () => {
  it('are those that the address names, on the page and in the file', async () => {
    const needing = ['=dan', 'cat', 'eve', 'gus-a', 'gus-b', 'hal-new', 'mallory'];
    const views: readonly (readonly [string, readonly string[]])[] = [
      ['', needing],
      ['?show=unknown', needing],
      ['?show=duplicate', ['gus-a', 'gus-b']],
      ['?show=ok', ['bob']],
      ['?show=failed', []],
      ['?show=everybody&name=g', ['gus-a', 'gus-b']],
      ['?show=everybody&name=G', []],
      ['?show=everybody&after=hal-new', ['ivy', 'mallory']],
      ['?show=everybody&name=gus&after=gus-a', ['gus-b']],
    ];
    const { state } = await planned();
    const { page, get } = await serveDashboard({ state });
    for (const [query, names] of views) {
      const rows = [...(await page(query)).matchAll(/data-label="New username" class="name">([^<]*)</g)];
      expect([query, rows.map(([, name]) => name)]).toEqual([query, names]);
      if (query.includes('after')) continue;
      const csv = await (await get(`users.csv${query}`)).text();
      const inFile = csv.split('\r\n').slice(1, -1);
      expect(inFile.map((line) => line.split(',')[0])).toEqual(names.map((name) => name.replace(/^=/, "'=")));
    }
  });

  it('are paged, each of them once', async () => {
    const migration = await startMigration();
    onTestFinished(() => migration[Symbol.asyncDispose]());
    const pool = migration.simulator.pool('eu-west-1_New');
    for (let at = 0; at < 45; at += 1) pool.addUser({ username: `new&user ${at}`, sub: sub(400 + at), attributes: {} });
    await migration.command('plan');
    const { page } = await serveDashboard({ state: migration.state });
    const seen: string[] = [];
    let query = '?show=new-born';
    for (let pages = 1; pages < 5; pages += 1) {
      const text = await page(query);
      seen.push(...[...text.matchAll(/data-label="New username" class="name">([^<]*)</g)].map(([, name = '']) => name));
      const [, next] = /href="\.\/(\?[^"#]*)#for-a-person" rel="next"/.exec(text) ?? [];
      if (next === undefined) {
        expect(pages).toBe(3);
        break;
      }
      query = next.replaceAll('&amp;', '&');
    }
    expect(seen).toHaveLength(46);
    expect(new Set(seen).size).toBe(46);
  });

  it('are a file for spreadsheets, and it runs no formula', async () => {
    const { state } = await planned();
    const { get } = await serveDashboard({ state });
    const answer = await get('users.csv?show=ambiguous');
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'text/csv; charset=utf-8; header=present',
      'content-disposition': 'attachment; filename="cutover-ambiguous.csv"',
    });
    expect(await answer.text()).toMatch(/^new_username,new_sub,legacy_sub,outcome,rule,detail\r\n'=dan,/);
  });

  it('are not sent at all where they cannot be read', async () => {
    const { get } = await serveDashboard();
    const answer = await get('users.csv');
    expect(answer.status).toBe(500);
    expect(await answer.text()).toMatch(/there is no state file/);
  });
});

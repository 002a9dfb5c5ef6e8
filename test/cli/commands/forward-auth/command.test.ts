import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { runProgram } from '../../../../src/cli/program.js';
import { type Clock, systemClock } from '../../../../src/clock.js';
import { createTestPools, type TestPools } from '../../../../src/testing/index.js';
import { contentOf } from '../../../legacy-id/file-support.js';
import { FakeClock } from '../../../support/fake-clock.js';
import { folder } from '../../../support/folder.js';
import { HAS } from '../../../support/tools.js';
import { run, runBin, Screenful } from '../../support.js';

let pools: TestPools;
beforeAll(async () => {
  pools = await createTestPools();
});
afterAll(() => pools.close());

const both = () => ({ legacyPool: pools.legacyPool.options, newPool: pools.newPool.options, tokenUse: 'access' });
const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

function configFile(more: object = {}): string {
  const path = join(folder(), 'forward-auth.json');
  writeFileSync(path, JSON.stringify({ ...both(), ...more }));
  return path;
}

/** The command, running until it is stopped. */
const started = (more: object = {}, ...args: string[]) => startedAt(systemClock, more, '--grace', '0', ...args);

async function startedAt(clock: Clock, more: object = {}, ...args: string[]) {
  const stop = new AbortController();
  const [stdout, stderr] = [new Screenful(), new Screenful()];
  const line = ['forward-auth', '--config', configFile(more), '--port', '0', ...args];
  let isRunning = true;
  const ending = runProgram(line, {
    ...{ stdout, stderr, clock, env: { NO_COLOR: '1' }, signal: stop.signal },
    stdin: new PassThrough(),
  }).finally(() => {
    isRunning = false;
  });
  onTestFinished(async () => {
    stop.abort();
    while (clock instanceof FakeClock && isRunning) await clock.advance(1_000);
    await ending;
  });
  await expect.poll(() => stdout.text, { interval: 5 }).toMatch(/\n/);
  const [address = ''] = /http:\/\/[^\s"]+/.exec(stdout.text) ?? [];
  const at = (path: string) => new URL(path, address).href;
  return { address, at, stdout, stderr, ending, stop: () => stop.abort(new Error('stopped by SIGTERM')) };
}

describe('forward-auth', () => {
  it('prints its address, decides, and serves until it is interrupted', async () => {
    const { address, stdout, ending, stop } = await started();
    expect(stdout.text).toMatch(/^Decisions: http:\/\/127\.0\.0\.1:\d+\/auth\n$/);
    const anna = pools.person();
    for (const side of ['legacy', 'new'] as const) {
      const { status, headers } = await fetch(address, bearer(anna[side].accessToken()));
      expect({ status, user: headers.get('x-auth-user-id'), pool: headers.get('x-auth-pool') }).toEqual({
        ...{ status: 200, user: anna.userId, pool: side },
      });
    }
    expect((await fetch(address)).status).toBe(401);
    stop();
    expect(await ending).toBe('done');
    await expect(fetch(address)).rejects.toThrow();
  });

  it('takes the pools from the command line too', async () => {
    const { legacyPool, newPool } = pools;
    const args = ['--legacy-pool', legacyPool.userPoolId, '--legacy-clients', 'any', '--new-pool', newPool.userPoolId];
    const stop = new AbortController();
    const stdout = new Screenful();
    const line = ['forward-auth', ...args, '--new-clients', 'a,b', '--token-use', 'access', '--port', '0', '--json'];
    const ending = runProgram([...line, '--grace', '0'], {
      ...{ stdout, stderr: new Screenful(), clock: systemClock, env: {}, signal: stop.signal },
      stdin: new PassThrough(),
    });
    await expect.poll(() => stdout.text).toMatch(/\n/);
    expect(JSON.parse(stdout.text)).toEqual({ address: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/auth$/) });
    stop.abort();
    expect(await ending).toBe('done');
  });

  it('takes the options of the verifier and of the middleware from the config file', async () => {
    const newPool = {
      ...pools.newPool.options,
      audience: 'orders',
      clientAliases: { [pools.newPool.clientId]: 'web' },
    };
    const { address } = await started({
      newPool,
      legacyId: { accessTokenClaim: 'mapped_to', format: 'u-\\d', onMissing: 'own-sub' },
      legacyTokens: { acceptUntil: '2020-01-01' },
      legacyTokenHeaders: { link: 'https://example.com/' },
      ...{ realm: 'orders', cache: false, keys: { timeoutMs: 500 }, credentialsRequired: false },
    });
    const ask = async (token?: string) => {
      const { status, headers } = await fetch(address, token === undefined ? {} : bearer(token));
      return {
        status,
        user: headers.get('x-auth-user-id'),
        client: headers.get('x-auth-client-id'),
        challenge: headers.get('www-authenticate'),
      };
    };
    const token = (claims: object) => pools.newPool.accessToken({ aud: 'orders', ...claims });
    expect(await ask(token({ mapped_to: 'u-5' }))).toMatchObject({ status: 200, user: 'u-5', client: 'web' });
    expect(await ask(token({ sub: 'me' }))).toMatchObject({ status: 200, user: 'me' });
    expect(await ask(token({ mapped_to: 'u-55' }))).toMatchObject({ status: 403 });
    expect(await ask(pools.newPool.accessToken())).toMatchObject({
      status: 401,
      challenge: expect.stringContaining('realm="orders"'),
    });
    expect(await ask(pools.person().legacy.accessToken())).toMatchObject({ status: 401, user: null });
    expect(await ask()).toMatchObject({ status: 200, user: '' });
  });

  it('finds legacy ids in what publish has written, and follows phases, and counts for drain', async () => {
    const at = folder();
    const anna = pools.person();
    const sub = '11111111-2222-4333-8444-555555555555';
    const mapping = join(at, 'mapping.ndjson');
    writeFileSync(mapping, contentOf([[sub, anna.userId]]));
    const phases = join(at, 'phases.json');
    writeFileSync(phases, '{"announceFrom":"2020-01-01T00:00:00.000Z"}');
    const drainStores = [join(at, 'drain.ndjson')];
    const { address, stderr, ending, stop } = await started({ legacyId: { resolve: mapping }, phases, drainStores });
    const found = await fetch(address, bearer(pools.newPool.accessToken({ sub })));
    expect(found.headers.get('x-auth-user-id')).toBe(anna.userId);
    const legacy = await fetch(address, bearer(anna.legacy.accessToken()));
    expect(legacy.headers.get('deprecation')).toBe('@1577836800');
    expect(stderr.text).toContain('Phase: announced.');
    stop();
    await ending;
    const counted = readFileSync(join(at, 'drain.ndjson'), 'utf8');
    expect(counted).toContain(pools.legacyPool.userPoolId);
    expect(counted).toMatch(new RegExp(`:${new URL(address).port}"`));
  });
});

describe('what is for operations', () => {
  it('says that it is alive, and whether it is ready', async () => {
    const { at, stderr } = await started();
    expect((await fetch(at('/healthz'))).status).toBe(200);
    await expect.poll(async () => (await fetch(at('/readyz'))).status).toBe(200);
    expect(stderr.text).toBe('');
  });

  it.skipIf(!HAS.prometheus)('has metrics that Prometheus reads, under the names of the alert rules', async () => {
    const { at, address } = await started();
    for (const token of [pools.person().legacy.accessToken(), pools.person().new.accessToken(), 'x']) {
      await fetch(address, bearer(token));
    }
    const answer = await fetch(at('/metrics'));
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    const text = await answer.text();
    const checked = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
    expect(checked).toMatchObject({ status: 0, stderr: '' });
    const rules = readFileSync(new URL('../../../../examples/observability/alerts.yml', import.meta.url), 'utf8');
    const wanted = new Set(rules.match(/\bcognito_cutover_(?:token|keys|legacy|resolver)_\w+?(?=[{[) ])/g));
    const names = new Set(text.match(/^(?:# TYPE )?[a-z_]+/gm)?.map((one) => one.replace('# TYPE ', '')));
    const unknown = [...wanted].filter(
      (name) => !/_(pool|client)_id$|token_use/.test(name) && !names.has(name.replace(/_(bucket|count|sum)$/, '')),
    );
    expect(unknown).toEqual([]);
    expect(text).toContain(
      `cognito_cutover_legacy_last_seen{cognito_cutover_pool="legacy",cognito_cutover_user_pool_id="${pools.legacyPool.userPoolId}"`,
    );
    expect(text).toMatch(/^cognito_cutover_forward_auth_requests_in_flight 1$/m);
  });

  it('starts while the keys cannot be reached, says so once, and recovers', async () => {
    let isUp = false;
    const keys = createServer((_req, res) => {
      res.writeHead(isUp ? 200 : 500).end(JSON.stringify(pools.newPool.jwks()));
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => keys.once('listening', resolve));
    onTestFinished(() => void keys.close());
    const jwksUri = `http://127.0.0.1:${(keys.address() as AddressInfo).port}/`;
    const clock = new FakeClock(Date.now());
    const { at, address, stderr } = await startedAt(clock, {
      legacyPool: undefined,
      newPool: { ...pools.newPool.options, jwksUri },
    });
    expect((await fetch(at('/readyz'))).status).toBe(503);
    const token = bearer(pools.person().new.accessToken());
    const refused = await fetch(address, token);
    expect({ status: refused.status, after: refused.headers.get('retry-after') }).toEqual({
      status: 503,
      after: expect.stringMatching(/\d/),
    });
    expect(stderr.text.match(new RegExp(`warning: The keys of ${pools.newPool.userPoolId}`, 'g'))).toHaveLength(1);
    isUp = true;
    expect((await fetch(at('/readyz'))).status).toBe(503);
    await clock.advance(10_000);
    expect((await fetch(at('/readyz'))).status).toBe(200);
    expect((await fetch(address, token)).status).toBe(200);
    expect(stderr.text).toContain('works again');
  });

  it('starts while the stores cannot be reached, and refuses only what depends on them', async () => {
    const nowhere = 'redis://u:hunter2@127.0.0.1:1';
    const { address, stderr } = await started({ legacyId: { resolve: nowhere }, phases: nowhere, drainStore: nowhere });
    const { legacy, new: mapped } = pools.person();
    expect((await fetch(address, bearer(mapped.accessToken()))).status).toBe(200);
    expect((await fetch(address, bearer(pools.newPool.accessToken({ sub: 'unmapped' })))).status).toBe(503);
    expect((await fetch(address, bearer(legacy.accessToken()))).status).toBe(503);
    expect(stderr.text).toContain('warning: The phases: ');
    expect(stderr.text).not.toContain('hunter2');
  });

  it.each([
    [['--listen', '0.0.0.0'], 'warning: whoever reaches 0.0.0.0'],
    [['--mode', 'observe'], 'warning: mode is observe'],
  ])('warns of %j', async (args, warning) => {
    expect((await started({}, ...args)).stderr.text).toContain(warning);
  });
});

describe('a signal to stop', () => {
  it('makes it not ready first, and it answers until the grace is over', async () => {
    const clock = new FakeClock(Date.now());
    const { address, at, ending, stop } = await startedAt(clock, {}, '--grace', '3s');
    const token = bearer(pools.person().new.accessToken());
    expect((await fetch(address, token)).headers.get('connection')).toBe('keep-alive');
    stop();
    await clock.advance(2_900);
    expect((await fetch(at('/readyz'))).status).toBe(503);
    const ask = async () => {
      const answer = await fetch(address, token);
      await answer.text();
      return [answer.status, answer.headers.get('connection')];
    };
    expect(await ask()).toEqual([200, 'keep-alive']);
    await clock.advance(200);
    // The port is closed; connections that are there have one more answer.
    await expect.poll(() => ask().catch(() => 'refused')).toEqual('refused');
    await clock.advance(1_200);
    expect(await ending).toBe('done');
  });
});

describe('what cannot be started', () => {
  it('says which port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    onTestFinished(() => void other.close());
    const { port } = other.address() as AddressInfo;
    const { ending, stderr } = await run(['forward-auth', '--config', configFile(), '--port', `${port}`]);
    expect({ ending, stderr }).toEqual({
      ending: 'usage',
      stderr: `error: --port: port ${port} is in use by another program. Choose another one.\n`,
    });
  });

  it.each<[string, object, readonly string[], string]>([
    ['no new pool', { newPool: undefined }, [], '--new-pool: is required'],
    ['no token use', { tokenUse: undefined }, [], '--token-use: is required'],
    ['no clients', { newPool: 'eu-west-1_New' }, [], '--new-clients: is required'],
    ['no clients of the legacy pool', { legacyPool: 'eu-west-1_Old' }, [], '--legacy-clients: is required'],
    [
      'no clients of one of two',
      { legacyPool: ['eu-west-1_Old', { userPoolId: 'eu-west-1_Older', clientIds: null }] },
      [],
      'legacyPool[0].clientIds',
    ],
    [
      'clients twice',
      {},
      ['--new-clients', 'a'],
      '--new-clients: cannot be given together with clientIds of the new pool',
    ],
    ['an unknown key', { newPol: 'x' }, [], 'newPol: unknown option, did you mean newPool?'],
    [
      'an unknown key of a pool',
      { newPool: { userPoolId: 'eu-west-1_New', clientId: 'a' } },
      [],
      'newPool: unknown clientId',
    ],
    ['an unknown key of legacyId', { legacyId: { claim: 'a' } }, [], 'legacyId.claim: unknown option'],
    ['a function in keys', { keys: { fetch: 'x' } }, [], 'keys.fetch: expected a function'],
    ['an unknown key of the cache', { cache: { size: 1 } }, [], 'cache.size: unknown option'],
    [
      'a wrong format',
      { legacyId: { format: '(' } },
      [],
      'legacyId.format: expected uuid, any or a regular expression',
    ],
    ['a wrong store', { legacyId: { resolve: 'http://a' } }, [], 'legacyId.resolve: expected'],
    [
      'a file that is not there',
      { legacyId: { resolve: 'nowhere.ndjson' } },
      [],
      'legacyId.resolve: cannot use nowhere.ndjson (ENOENT)',
    ],
    [
      'a claim twice',
      { legacyId: { onMissing: 'reject' } },
      ['--on-missing', 'own-sub'],
      '--on-missing: cannot be given together with legacyId.onMissing',
    ],
    [
      'phases and a date',
      { phases: 'p.json', legacyTokens: { acceptUntil: '2026-12-01' } },
      [],
      'legacyTokens: cannot be given together with --phases',
    ],
    ['several drain stores', { drainStores: ['a.ndjson', 'b.ndjson'] }, [], 'add "drainStore" for this one'],
    ['a wrong date', { legacyTokenHeaders: { sunset: 'soon' } }, [], 'legacyTokenHeaders.sunset: expected a date'],
    ['a wrong realm', { realm: 'a"b' }, [], '--realm: expected printable ASCII'],
    ['a wrong grace', {}, ['--grace', '1d'], '--grace: expected a time'],
    [
      'an address of another machine',
      {},
      ['--listen', '203.0.113.9'],
      '--listen: this machine has no address 203.0.113.9',
    ],
    ['no address', {}, ['--listen', 'a b'], '--listen: expected an address'],
    ['credentialsRequired as a word', { credentialsRequired: 'no' }, [], 'credentialsRequired: expected true or false'],
  ])('%s', async (_, more, args, message) => {
    const { ending, stdout, stderr } = await run([
      'forward-auth',
      '--config',
      configFile(more),
      '--port',
      '0',
      ...args,
    ]);
    expect({ ending, stdout }).toEqual({ ending: 'usage', stdout: '' });
    expect(stderr).toContain(message);
  });

  it('one file serves the other commands too', async () => {
    const token = pools.person().new.accessToken();
    const args = ['--config', configFile({ legacyId: { resolve: 'x.ndjson' }, cache: false })];
    expect(await run(['token', ...args], { input: `${token}\n` })).toMatchObject({ ending: 'done' });
    const { stderr } = await run(['status', ...args, '--state', join(folder(), 'none.db')]);
    expect(stderr).toContain('there is no state file');
  });
});

describe('as a process', () => {
  it('ends with 0', async () => {
    const { child, output, ended } = runBin(['forward-auth', '--config', configFile(), '--port', '0', '--grace', '0']);
    await expect.poll(() => output.stdout, { timeout: 20_000 }).toContain('Decisions: ');
    child.kill('SIGTERM');
    expect((await ended).code).toBe(0);
  });

  it('ends at once after a second signal', async () => {
    const { child, output, ended } = runBin(['forward-auth', '--config', configFile(), '--port', '0', '--grace', '5m']);
    await expect.poll(() => output.stdout, { timeout: 20_000 }).toContain('Decisions: ');
    child.kill('SIGTERM');
    await expect.poll(() => output.stderr).toContain('Stopping');
    child.kill('SIGTERM');
    expect((await ended).code).toBe(130);
  });
});

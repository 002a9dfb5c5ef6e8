import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../cli/support.js';
import { LEGACY_POOL, migrationPair, NEW_POOL, startSimulator } from '../support/cognito-simulator/index.js';
import { HAS } from '../support/tools.js';

const folder = fileURLToPath(new URL('../../examples/systemd/', import.meta.url));
const readUnit = (name: string) => readFileSync(join(folder, name), 'utf8');
const valueIn = (unit: string, name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(unit)?.[1] ?? '';
const service = readUnit('cutover-sync.service');
const unitValue = (name: string) => valueIn(service, name);

describe('the units of examples/systemd', () => {
  let home: string;
  let simulator: Awaited<ReturnType<typeof startSimulator>>;
  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'systemd-'));
    simulator = await startSimulator({ quotas: null, pools: migrationPair({ users: 30, newBorn: 2 }) });
  });
  afterAll(async () => {
    rmSync(home, { recursive: true });
    await simulator.close();
  });

  it('start a command that does a whole night of two pools', async () => {
    const config = JSON.parse(readFileSync(join(folder, 'cutover.json'), 'utf8'));
    // Its pools and hours are the reader's to replace.
    const { between, timeZone, ...kept } = config;
    expect([between, timeZone]).toEqual(['22:00-06:00', 'Europe/Berlin']);
    const here = {
      ...kept,
      ...{ legacyPool: LEGACY_POOL, legacyEndpoint: simulator.endpoint },
      ...{ newPool: NEW_POOL, newEndpoint: simulator.endpoint, readRps: 1000, rps: 25 },
      to: join(home, config.to),
    };
    writeFileSync(join(home, 'cutover.json'), JSON.stringify(here));
    const [command = '', ...words] = unitValue('ExecStart').split(' ');
    expect(command.endsWith('/cognito-cutover')).toBe(true);
    const moved = words.map((word) => word.replace('/etc/cutover', home).replace('/var/lib/cutover', home));
    const { ending, stdout } = await run(moved);
    expect(JSON.parse(stdout)).toMatchObject({
      plan: { writes: 30 },
      apply: { written: 30, remaining: 0 },
      verify: { right: 30, wrong: 0, missing: 0 },
      publish: { users: 30, wrong: 0 },
    });
    expect(ending).toBe('done');
    expect(readdirSync(home)).toContain(config.to);
  });

  it('are run again for failures that pass, and not for those that need a person', () => {
    expect(unitValue('Restart')).toBe('on-failure');
    expect(unitValue('RestartPreventExitStatus').split(' ')).toEqual(['1', '2']);
    expect(unitValue('KillSignal')).toBe('SIGTERM');
    expect(service).not.toContain('npx cognito');
  });

  it('keep forward authentication up, and end it without a refused request', () => {
    const unit = readUnit('cutover-forward-auth.service');
    expect(valueIn(unit, 'ExecStart').replace(/^\S+\//, '')).toBe(
      'cognito-cutover forward-auth --config /etc/cutover/forward-auth.json --port 9000',
    );
    expect(valueIn(unit, 'SocketBindAllow')).toBe('tcp:9000');
    expect(valueIn(unit, 'KillSignal')).toBe('SIGTERM');
    expect([valueIn(unit, 'Restart'), valueIn(unit, 'RestartPreventExitStatus')]).toEqual(['on-failure', '2']);
    expect(valueIn(unit, 'StartLimitIntervalSec')).toBe('0');
    // No credentials of the nightly run, which may write to the pools.
    expect(valueIn(unit, 'EnvironmentFile')).not.toBe(unitValue('EnvironmentFile'));
    const { legacyClients, newClients, ...options } = JSON.parse(readUnit('forward-auth.json'));
    expect(options).toEqual({ legacyPool: 'eu-west-1_Legacy', newPool: 'eu-west-1_New', tokenUse: 'access' });
    expect([legacyClients, newClients].map((clients) => clients.length)).toEqual([1, 1]);
  });

  it.skipIf(!HAS.systemd)('are what systemd understands', () => {
    const units = readdirSync(folder).filter((name) => /\.(service|timer)$/.test(name));
    expect(units.length).toBe(4);
    // The programs named are installed where the units go, and not here.
    for (const name of units) {
      const text = readFileSync(join(folder, name), 'utf8').replace(/^(ExecStart=)\S+/m, '$1/bin/true');
      writeFileSync(join(home, name), text);
    }
    const verify = () =>
      execFileSync('systemd-analyze', ['verify', ...units.map((name) => join(home, name))], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      });
    expect(verify()).toBe('');
    // Of 100, where a unit without restrictions has 96.
    const rated = ['security', '--offline=true', '--no-pager', '--threshold=15'];
    execFileSync('systemd-analyze', [...rated, join(home, 'cutover-forward-auth.service')], { stdio: 'ignore' });
  });
});

import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { migrationPair } from '../../support/cognito-simulator/index.js';
import { everyOutcome, startMigration, sub } from '../migration.js';
import { run } from '../support.js';

const OUTCOMES = {
  set: 1,
  ok: 1,
  conflict: 1,
  unexplained: 1,
  ambiguous: 1,
  contradiction: 1,
  duplicate: 2,
  unverified: 1,
  'new-born': 1,
};

describe('plan', () => {
  it('counts every outcome, and ends with "attention" where something needs a person', async () => {
    await using migration = await startMigration();
    const { ending, document } = await migration.json('plan');
    expect(ending).toBe('attention');
    expect(document).toEqual({
      legacyUsers: 10,
      newUsers: 10,
      outcomes: OUTCOMES,
      notMigrated: 6,
      writes: 1,
      estimatedSeconds: 1,
      estimatedMau: 1,
      estimatedMauUsd: 0.02,
      mauPrice: 0.015,
      priceSource: 'list price',
      stamped: { trustable: 1, providers: {} },
    });
  });

  it.each([
    ['LITE', '$0.55', '$0.0055 each, the list price'],
    ['PLUS', '$2.00', '$0.02 each, the list price'],
  ] as const)('takes the price of the plan of the new pool: %s', async (UserPoolTier, cost, price) => {
    const [legacy, fresh] = migrationPair({ users: 100 });
    const settings = { ...fresh.settings, UserPoolTier };
    await using migration = await startMigration([legacy, { ...fresh, settings }]);
    const { stdout } = await migration.command('plan');
    expect(stdout).toContain(`about ${cost}\n`);
    expect(stdout).toContain(price);
    const { stderr } = await migration.command('apply', ['--yes']);
    expect(stderr).toContain(price);
    expect((await migration.command('rollback', ['--yes'])).stderr).toContain(price);
  });

  it('writes to no pool, and needs no other operations than it documents', async () => {
    await using migration = await startMigration();
    const before = migration.values();
    await migration.command('plan');
    expect(migration.values()).toEqual(before);
    expect(Object.keys(migration.simulator.stats.operations).sort()).toEqual([
      ...['DescribeUserPool', 'DescribeUserPoolClient', 'ListIdentityProviders', 'ListUserPoolClients', 'ListUsers'],
    ]);
  });

  it('says on one screen what was found, what it takes and what to do next', async () => {
    await using migration = await startMigration();
    const { stdout } = await migration.command('plan', ['--mau-price', '2.5', '--stamp-new-born']);
    expect(stdout).toContain('Plan of 10 users in the new pool, 10 users in the legacy pool');
    expect(stdout).toMatch(/^ +2 {2}duplicate +several new users match one legacy user$/m);
    expect(stdout).toContain('cost    2 monthly active users, about $5.00');
    expect(stdout).toContain('Need a person: 7 users. See why, and what to do:');
    // The report calls no pool; apply takes the price too.
    expect(stdout).toMatch(/^ {2}cognito-cutover report --html report.html --state /m);
    expect(stdout).toMatch(/^ {2}cognito-cutover apply --legacy-pool eu-west-1_Legacy .* --mau-price 2.5 /m);
    expect(stdout.split('\n').length).toBeLessThan(30);
  });

  it('hands its options to the rules', async () => {
    await using migration = await startMigration();
    const { document } = await migration.json('plan', ['--match', 'email', '--stamp-new-born', '--mau-price', '1']);
    expect(document).toMatchObject({ outcomes: { contradiction: 0 }, estimatedMauUsd: expect.any(Number) });
    const trusting = await migration.json('plan', ['--trust-usernames', '--match', 'username']);
    expect(trusting.document).toMatchObject({ outcomes: { unverified: 0 } });
  });

  it('takes the decisions of a mapping file before every rule', async () => {
    await using migration = await startMigration();
    const mapping = join(migration.dir, 'decided.csv');
    writeFileSync(mapping, `new_username,legacy_sub\n'=dan,${sub(4)}\nhal-new,${sub(9)}\n`);
    const { document } = await migration.json('plan', ['--mapping', mapping]);
    expect(document).toMatchObject({ outcomes: { ...OUTCOMES, set: 3, ambiguous: 0, unverified: 0 } });
  });

  it.each([
    ['an unknown new user', `nobody,${sub(4)}`, /--mapping: .*line 2.*no such user in the new pool/],
    ['an unknown legacy user', `ann,${sub(99)}`, /--mapping: .*line 2.*no such user in a legacy pool/],
    ['a new user twice', `ann,${sub(1)}\nann,${sub(4)}`, /--mapping: .*line 3/],
    ['a legacy user twice', `ann,${sub(1)}\neve,${sub(1)}`, /--mapping: .*line 3/],
  ])('refuses a mapping file that names %s', async (_name, rows, message) => {
    await using migration = await startMigration();
    const mapping = join(migration.dir, 'decided.csv');
    writeFileSync(mapping, `new_username,legacy_sub\n${rows}\n`);
    const { ending, stderr } = await migration.command('plan', ['--mapping', mapping]);
    expect(stderr).toMatch(message);
    expect(ending).toBe('usage');
  });

  it('looks at the whole mapping file before it makes a state file or calls a pool', async () => {
    await using migration = await startMigration();
    const mapping = join(migration.dir, 'decided.csv');
    writeFileSync(mapping, `new_username,legacy_sub\nann,${sub(1)}\nbob\n`);
    const { ending } = await migration.command('plan', ['--mapping', mapping]);
    expect(ending).toBe('usage');
    expect(existsSync(migration.state)).toBe(false);
    expect(migration.simulator.stats.operations).toEqual({});
  });

  it('reads pools and rules from the config file', async () => {
    await using migration = await startMigration();
    const { endpoint } = migration.simulator;
    const config = join(migration.dir, 'cutover.json');
    const pools = {
      legacyPool: 'eu-west-1_Legacy',
      newPool: 'eu-west-1_New',
      legacyEndpoint: endpoint,
      newEndpoint: endpoint,
    };
    writeFileSync(
      config,
      JSON.stringify({ ...pools, match: ['username'], trustUsernames: true, state: migration.state }),
    );
    const { ending, stdout } = await run(['plan', '--config', config, '--json']);
    expect(ending).toBe('attention');
    expect(JSON.parse(stdout)).toMatchObject({ outcomes: { set: 1, ambiguous: 0, 'new-born': 5 } });
  });

  it('says which pool does not exist', async () => {
    await using migration = await startMigration();
    const { endpoint } = migration.simulator;
    const pools = ['--legacy-pool', 'eu-west-1_Legacy', '--new-pool', 'eu-west-1_Typo'];
    const where = ['--legacy-endpoint', endpoint, '--new-endpoint', endpoint, '--state', migration.state];
    const { ending, stdout } = await run(['plan', ...pools, ...where, '--json']);
    expect(ending).toBe('usage');
    expect(JSON.parse(stdout).error).toMatchObject({
      code: 'ERR_POOL',
      message: expect.stringContaining('eu-west-1_Typo'),
    });
  });

  it('keeps no state of a pool that was mistyped: the right one is planned with the same file', async () => {
    await using migration = await startMigration();
    const { endpoint } = migration.simulator;
    const pools = ['--legacy-pool', 'eu-west-1_Legacy', '--new-pool', 'eu-west-1_Typo', '--state', migration.state];
    const mistyped = await run(['plan', ...pools, '--legacy-endpoint', endpoint, '--new-endpoint', endpoint]);
    expect(mistyped.ending).toBe('usage');
    expect(mistyped.stderr).toContain(`pool eu-west-1_Typo does not exist at ${migration.simulator.endpoint}`);
    expect(mistyped.stderr).toContain('Check --new-pool, --new-endpoint and --new-profile.');
    // Nothing was listed before.
    expect(migration.simulator.stats.operations['ListUsers']).toBeUndefined();
    expect(await migration.json('plan')).toMatchObject({ ending: 'attention', document: { newUsers: 10 } });
  });

  it('tells soon that nothing answers at an endpoint, shows that it tries again, and keeps no state of it', async () => {
    await using migration = await startMigration();
    const { endpoint } = migration.simulator;
    const pools = ['--legacy-pool', 'eu-west-1_Legacy', '--new-pool', 'eu-west-1_New', '--state', migration.state];
    const where = ['--legacy-endpoint', endpoint, '--new-endpoint', 'http://127.0.0.1:9'];
    const { ending, stderr } = await run(['plan', ...pools, ...where]);
    expect(ending).toBe('unavailable');
    expect(stderr).toMatch(/^no answer from http:\/\/127\.0\.0\.1:9 \(ECONNREFUSED\), trying again, \d+ s left$/m);
    expect(stderr).toContain(
      'error: nothing answers at http://127.0.0.1:9 (ECONNREFUSED): is the endpoint right?\nCheck --new-endpoint.\n',
    );
    expect(await migration.json('plan')).toMatchObject({ document: { newUsers: 10 } });
  });

  it('tells before it lists what apply would refuse, and in its summary', async () => {
    const [legacy, fresh] = everyOutcome();
    const clients = [{ ClientId: 'web', ClientName: 'web' }];
    await using migration = await startMigration([legacy, { ...fresh, customAttributes: [], clients }]);
    const { ending, stdout, stderr } = await migration.command('plan', ['--progress', 'ndjson']);
    expect(ending).toBe('attention');
    const events = stderr.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]));
    const warnings = events.filter(({ type }) => type === 'warning');
    expect(warnings.map(({ message }) => message)).toEqual([
      expect.stringMatching(
        /^apply would refuse this: .* has no attribute custom:legacy_sub\.\nAdd it: aws cognito-idp/,
      ),
      expect.stringMatching(/^apply would refuse this: .* can be written by app client web/),
    ]);
    const firstListed = events.findIndex(({ type }) => type === 'list');
    expect(events.indexOf(warnings[1])).toBeLessThan(firstListed);
    expect(stdout).toContain(
      'apply will refuse to write until this is repaired:\n- pool eu-west-1_New has no attribute',
    );
    expect(stdout).toContain('Then, write it:');
    const { document } = await migration.json('plan');
    expect(document).toMatchObject({
      applyRefuses: [
        { message: 'pool eu-west-1_New has no attribute custom:legacy_sub', fix: expect.stringContaining('aws ') },
        { message: expect.stringContaining('app client web'), fix: expect.stringContaining('WriteAttributes') },
      ],
    });
    expect((await migration.command('apply', ['--yes'])).stderr).toContain('has no attribute custom:legacy_sub');
  });

  it('needs no more than ListUsers, and says what it could not check', async () => {
    const deny = ['DescribeUserPool', 'ListUserPoolClients', 'ListIdentityProviders'];
    const [legacy, fresh] = everyOutcome();
    await using migration = await startMigration([
      { ...legacy, deny },
      { ...fresh, deny },
    ]);
    const { ending, stderr } = await migration.command('plan');
    expect(ending).toBe('attention');
    expect(stderr).toContain('Not checked for pool eu-west-1_New: whether the pool has custom:legacy_sub');
  });

  it('names the permission that is missing, and ends so that a script tries again', async () => {
    const [legacy, fresh] = everyOutcome();
    await using migration = await startMigration([{ ...legacy, deny: ['ListUsers'] }, fresh]);
    const { ending, document } = await migration.json('plan');
    expect(ending).toBe('unavailable');
    expect(document).toMatchObject({
      error: { code: 'ERR_CREDENTIALS', fix: expect.stringContaining('cognito-idp:ListUsers') },
    });
  });

  it('refuses a state file of other pools', async () => {
    await using migration = await startMigration();
    await migration.command('plan');
    const [legacy, fresh] = everyOutcome();
    await using other = await startMigration([legacy, { ...fresh, id: 'eu-west-1_Other' }]);
    const { endpoint } = other.simulator;
    const pools = ['--legacy-pool', 'eu-west-1_Legacy', '--new-pool', 'eu-west-1_Other', '--state', migration.state];
    const { ending, stderr } = await run(['plan', ...pools, '--legacy-endpoint', endpoint, '--new-endpoint', endpoint]);
    expect(ending).toBe('usage');
    expect(stderr).toContain('eu-west-1_New');
  });

  it('is made beside a running apply, and says when it comes into force', async () => {
    await using migration = await startMigration(migrationPair({ users: 10 }));
    await migration.command('plan');
    const { openState } = await import('../../../src/migrate/state/state.js');
    const applying = openState({ path: migration.state, access: 'write' });
    const { ending, stdout, stderr } = await migration.command('plan');
    expect(ending).toBe('done');
    expect(stdout).toContain(
      'The plan is not in force yet. When the running command has ended, run:\n  cognito-cutover plan ',
    );
    expect(stderr).toContain('An apply or a rollback is running');
    expect((await migration.json('verify')).document).toMatchObject({ missing: 10 });
    const published = await migration.json('publish', ['--to', join(migration.dir, 'mapping.ndjson')]);
    expect(published).toMatchObject({ ending: 'done', document: { users: 10 } });
    applying.close();
    expect((await migration.json('plan')).document).not.toHaveProperty('inForce');
  });

  it('uses the listing of the legacy pool again where that is closed for sign-up', async () => {
    const pair = migrationPair({ users: 10 });
    const closed = { AdminCreateUserConfig: { AllowAdminCreateUserOnly: true } };
    await using migration = await startMigration(pair.map((pool) => ({ ...pool, settings: closed })));
    const first = await migration.json('plan');
    migration.simulator.stats.reset();
    expect(await migration.json('plan', ['--reuse-legacy-listing'])).toEqual(first);
    expect(migration.simulator.stats.operations['ListUsers']).toMatchObject({ accepted: 1 });
    await using open = await startMigration(pair.map((pool) => ({ ...pool, settings: {} })));
    await open.command('plan', ['--fresh']);
    const { ending, document } = await open.json('plan', ['--reuse-legacy-listing']);
    expect(ending).toBe('usage');
    expect(document).toMatchObject({
      error: { code: 'ERR_CONFIGURATION', message: expect.stringContaining('sign themselves up in pool') },
    });
  });
});

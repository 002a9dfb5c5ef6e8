import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { PoolOptions } from '../../support/cognito-simulator/index.js';
import { everyOutcome, startMigration, sub } from '../migration.js';
import { run } from '../support.js';

/** The new pool of `everyOutcome`, and besides mallory somebody who came through the legacy pool and was stamped by a trigger. */
function stamped(more: Partial<PoolOptions> = {}): [PoolOptions, PoolOptions] {
  const [legacy, fresh] = everyOutcome();
  const federated = {
    username: `Old_Pool_${sub(9)}`,
    sub: sub(120),
    status: 'EXTERNAL_PROVIDER' as const,
    attributes: {
      identities: JSON.stringify([{ providerName: 'Old_Pool', providerType: 'OIDC', userId: sub(9) }]),
      'custom:legacy_sub': sub(9),
    },
  };
  const providers = [
    { ProviderName: 'Old_Pool', ProviderType: 'OIDC' as const, AttributeMapping: { username: 'sub', email: 'email' } },
  ];
  return [legacy, { ...fresh, users: [...(fresh.users ?? []), federated], providers, ...more }];
}

describe('plan, with users whom a trigger stamped', () => {
  it('says how many would be settled by what, and what to check first', async () => {
    await using migration = await startMigration(stamped());
    const { stdout } = await migration.command('plan');
    expect(stdout).toContain(
      [
        'Of the unexplained users:',
        '  1 user: the value is the user id at identity provider Old_Pool. If that is the legacy pool: --legacy-provider Old_Pool',
        '  2 users would be "ok" with --trust-attribute. Check first, in CloudTrail and the settings of every app client and',
        '  identity provider, that none could ever write the attribute: a forged value looks the same.',
      ].join('\n'),
    );
    const { document } = await migration.json('plan');
    const counts = { trustable: 2, providers: { Old_Pool: 1 } };
    expect(document).toMatchObject({ outcomes: { unexplained: 2 }, stamped: counts });
    expect((await migration.json('status')).document).toMatchObject({ plan: { stamped: counts } });
  });

  it('tells in the report what is known of each value', async () => {
    await using migration = await startMigration(stamped());
    migration.simulator.pool('eu-west-1_New').setAttribute('ivy', 'custom:legacy_sub', 'forged');
    await migration.command('plan');
    const csv = join(migration.dir, 'report.csv');
    const html = join(migration.dir, 'report.html');
    await migration.command('report', ['--csv', csv, '--html', html]);
    const lines = readFileSync(csv, 'utf8').split('\r\n');
    expect(lines.filter((line) => line.includes(',unexplained,'))).toEqual([
      `Old_Pool_${sub(9)},${sub(120)},,unexplained,,"the attribute holds ""${sub(9)}"", the sub of a legacy user; it is the user's id at the identity provider Old_Pool"`,
      `ivy,${sub(111)},,unexplained,,"the attribute holds ""forged"", which is not the sub of a legacy user"`,
      `mallory,${sub(112)},,unexplained,,"the attribute holds ""${sub(10)}"", the sub of a legacy user"`,
    ]);
    expect(readFileSync(html, 'utf8')).toContain('--trust-attribute');
  });

  it('settles them with --legacy-provider and --trust-attribute, from the plan to the rollback', async () => {
    await using migration = await startMigration(stamped());
    const before = migration.values();
    const options = ['--legacy-provider', 'Old_Pool', '--trust-attribute'];
    const { document } = await migration.json('plan', options);
    expect(document).toMatchObject({ outcomes: { ok: 3, unexplained: 0 }, writes: 1 });
    expect(document).not.toHaveProperty('stamped');
    const csv = join(migration.dir, 'report.csv');
    await migration.command('report', ['--csv', csv]);
    const rows = readFileSync(csv, 'utf8');
    expect(rows).toContain(`\r\nmallory,${sub(112)},${sub(10)},ok,attribute,\r\n`);
    expect(rows).toContain(`\r\nOld_Pool_${sub(9)},${sub(120)},${sub(9)},ok,identity,\r\n`);
    const mapping = join(migration.dir, 'mapping.ndjson');
    expect((await migration.json('publish', ['--to', mapping])).document).toMatchObject({ users: 4 });
    expect(readFileSync(mapping, 'utf8')).toContain(sub(10));
    await migration.command('apply', ['--yes']);
    // What needs a person stays wrong until somebody decides; these two are right.
    expect((await migration.json('verify')).document).toMatchObject({ checked: 5, right: 4, wrong: 1 });
    expect((await migration.json('rollback', ['--yes'])).document).toMatchObject({ removed: 1, changed: 0 });
    expect(migration.values()).toEqual(before);
  });

  it('reads both from the config file', async () => {
    await using migration = await startMigration(stamped());
    const config = join(migration.dir, 'cutover.json');
    writeFileSync(config, JSON.stringify({ legacyProvider: 'Old_Pool', trustAttribute: true }));
    const { document } = await migration.json('plan', ['--config', config]);
    expect(document).toMatchObject({ outcomes: { ok: 3, unexplained: 0 } });
    writeFileSync(config, JSON.stringify({ trustAttribute: 'yes' }));
    const { ending, stderr } = await migration.command('plan', ['--config', config]);
    expect([ending, stderr]).toEqual(['usage', expect.stringContaining('cutover.json: trustAttribute')]);
  });

  it.each([
    ['an app client without a list', { clients: [{ ClientId: 'web', ClientName: 'web' }] }, 'app client web (web)'],
    ['an empty list', { clients: [{ ClientId: 'web', ClientName: 'web', WriteAttributes: [] }] }, 'app client web'],
    [
      'a mapping of an identity provider',
      {
        providers: [
          {
            ProviderName: 'Old_Pool',
            ProviderType: 'OIDC' as const,
            AttributeMapping: { 'custom:legacy_sub': 'sub' },
          },
        ],
      },
      'identity provider Old_Pool',
    ],
  ])('refuses --trust-attribute for %s', async (_name, pool, writer) => {
    await using migration = await startMigration(stamped(pool));
    const { ending, stdout } = await migration.command('plan', ['--trust-attribute', '--json']);
    expect(ending).toBe('usage');
    const { error } = JSON.parse(stdout);
    expect(error).toMatchObject({ code: 'ERR_ATTRIBUTE', fix: expect.stringContaining('WriteAttributes') });
    expect(error.message).toContain(writer);
    expect(error.fix).not.toContain('--allow-writable-attribute');
  });

  it.each(['ListUserPoolClients', 'DescribeUserPoolClient', 'ListIdentityProviders', 'DescribeIdentityProvider'])(
    'refuses --trust-attribute where %s is not allowed, so that a script tries again',
    async (operation) => {
      await using migration = await startMigration(stamped({ deny: [operation] }));
      const { ending, stdout } = await migration.command('plan', ['--trust-attribute', '--json']);
      expect(ending).toBe('unavailable');
      const { error } = JSON.parse(stdout);
      expect(error).toMatchObject({
        code: 'ERR_CREDENTIALS',
        message: expect.stringContaining('--trust-attribute is refused: cannot read who can write custom:legacy_sub'),
        fix: expect.stringContaining(`cognito-idp:${operation}`),
      });
    },
  );

  it.each([
    [['--legacy-provider', 'Old_Pool', '--match', 'email'], /--legacy-provider: is given, but match does not contain/],
    [['--legacy-provider', 'Old_Pool', '--provider-map', 'Okta=Old_Pool'], /--legacy-provider: Old_Pool is the legacy/],
    [['--legacy-provider', 'Old Pool'], /--legacy-provider: expected the name of an identity provider/],
  ])('refuses %j', async (args, message) => {
    await using migration = await startMigration(stamped());
    const { ending, stderr } = await migration.command('plan', args);
    expect(stderr).toMatch(message);
    expect(ending).toBe('usage');
  });

  it('says which pool does not exist, whatever is trusted', async () => {
    await using migration = await startMigration(stamped());
    const { endpoint } = migration.simulator;
    const pools = ['--legacy-pool', 'eu-west-1_Legacy', '--new-pool', 'eu-west-1_Typo', '--state', migration.state];
    const where = ['--legacy-endpoint', endpoint, '--new-endpoint', endpoint, '--trust-attribute', '--json'];
    const { ending, stdout } = await run(['plan', ...pools, ...where]);
    expect([ending, JSON.parse(stdout).error.code]).toEqual(['usage', 'ERR_POOL']);
  });
});

describe('plan, of two pools that people can write to', () => {
  /** Somebody whom Google brought to the new pool, with the address of a legacy user, and a client that may write everything. */
  function google(legacy: Partial<PoolOptions> = {}, fresh: Partial<PoolOptions> = {}): [PoolOptions, PoolOptions] {
    const [old] = everyOutcome();
    const anna = {
      username: 'Google_7',
      sub: sub(120),
      status: 'EXTERNAL_PROVIDER' as const,
      attributes: {
        email: 'ann@example.com',
        email_verified: 'true',
        'custom:staff': '7',
        identities: JSON.stringify([{ providerName: 'Google', providerType: 'Google', userId: '7' }]),
      },
    };
    const users = (old.users ?? []).slice(0, 1).map((user) => ({
      ...user,
      attributes: { ...user.attributes, 'custom:staff': '7' },
    }));
    const clients = [{ ClientId: 'web', ClientName: 'web', WriteAttributes: ['email'] }];
    return [
      { id: old.id, users, customAttributes: ['staff'], clients, ...legacy },
      { id: 'eu-west-1_New', users: [anna], customAttributes: ['legacy_sub', 'staff'], clients, ...fresh },
    ];
  }

  it('uses the address of a provider only where it is trusted, and names the provider', async () => {
    await using migration = await startMigration(google());
    expect((await migration.json('plan')).document).toMatchObject({ outcomes: { unverified: 1 } });
    const csv = join(migration.dir, 'report.csv');
    await migration.command('report', ['--csv', csv]);
    expect(readFileSync(csv, 'utf8')).toContain(
      `"email finds ${sub(1)}, but is unverified in the new pool (in the new pool it comes from identity provider Google)"`,
    );
    const trusted = await migration.json('plan', [
      '--trust-provider-email',
      'Google',
      '--trust-provider-email',
      'Okta',
    ]);
    expect(trusted.document).toMatchObject({ outcomes: { set: 1 } });
    const config = join(migration.dir, 'cutover.json');
    writeFileSync(config, JSON.stringify({ trustProviderEmail: 'Google' }));
    expect((await migration.json('plan', ['--config', config])).document).toMatchObject({ outcomes: { set: 1 } });
  });

  it('matches by an attribute that nobody but administrators writes', async () => {
    await using migration = await startMigration(google());
    const { document } = await migration.json('plan', ['--match', 'attribute:custom:staff']);
    expect(document).toMatchObject({ outcomes: { set: 1 } });
  });

  it('refuses to match by an attribute that a client can write, in either pool', async () => {
    const pool = { clients: [{ ClientId: 'ios', ClientName: 'iOS', WriteAttributes: [] }] };
    for (const pools of [google(pool), google({}, pool)]) {
      await using migration = await startMigration(pools);
      const { ending, stdout } = await migration.command('plan', ['--match', 'attribute:custom:staff', '--json']);
      expect(ending).toBe('usage');
      const { error } = JSON.parse(stdout);
      expect(error).toMatchObject({ code: 'ERR_ATTRIBUTE', message: expect.stringContaining('app client iOS (ios)') });
      const meant = await migration.json('plan', ['--match', 'attribute:custom:staff', '--allow-writable-match']);
      expect(meant.document).toMatchObject({ outcomes: { set: 1 } });
      expect((await migration.json('status')).document).toMatchObject({
        warnings: [expect.stringContaining('app client iOS (ios)')],
      });
    }
  });

  it('refuses where it must not ask who can write it, so that a script tries again', async () => {
    await using migration = await startMigration(google({ deny: ['ListUserPoolClients'] }));
    const { ending, stdout } = await migration.command('plan', ['--match', 'attribute:custom:staff', '--json']);
    expect([ending, JSON.parse(stdout).error.code]).toEqual(['unavailable', 'ERR_CREDENTIALS']);
  });

  it('warns of a PreSignUp trigger', async () => {
    const PreSignUp = 'arn:aws:lambda:eu-west-1:123456789012:function:gate';
    await using migration = await startMigration(google({ settings: { LambdaConfig: { PreSignUp } } }));
    const { stderr } = await migration.command('plan');
    expect(stderr).toContain('The PreSignUp trigger of pool eu-west-1_Legacy');
  });

  it('keeps what it knew of usernames when the permission is taken away, and stops during an outage', async () => {
    const settings = { AdminCreateUserConfig: { AllowAdminCreateUserOnly: true } };
    const [legacy, fresh] = google({ settings }, { settings });
    const namesake = { username: 'ann', sub: sub(121) };
    await using migration = await startMigration([legacy, { ...fresh, users: [namesake] }]);
    expect((await migration.json('plan')).document).toMatchObject({ outcomes: { set: 1 } });
    const denied = { kind: 'error' as const, type: 'AccessDeniedException', message: 'no' };
    migration.simulator.faults.set([{ operations: ['DescribeUserPool'], ...denied }]);
    const { ending, stdout, stderr } = await migration.command('plan', ['--json']);
    expect([ending, JSON.parse(stdout)]).toEqual(['done', expect.objectContaining({ writes: 1 })]);
    expect(stderr).toContain('the settings that plan read at');
    migration.simulator.faults.set([{ operations: ['DescribeUserPool'], ...denied, type: 'ExpiredTokenException' }]);
    const expired = await migration.command('plan', ['--json']);
    expect([expired.ending, JSON.parse(expired.stdout).error.code]).toEqual(['unavailable', 'ERR_CREDENTIALS']);
  });

  it('takes the account in the preferred of several legacy pools, in any order', async () => {
    const [legacy, fresh] = google();
    const second = {
      ...legacy,
      id: 'eu-west-1_Second',
      users: [{ username: 'ann2', sub: sub(50), attributes: { email: 'ann@example.com', email_verified: 'true' } }],
    };
    await using migration = await startMigration([legacy, second, fresh]);
    const second2 = ['--legacy-pool', 'eu-west-1_Second', '--trust-provider-email', 'Google'];
    expect((await migration.json('plan', second2)).document).toMatchObject({ outcomes: { ambiguous: 1 } });
    const preferred = await migration.json('plan', [...second2, '--prefer', 'eu-west-1_Second']);
    expect(preferred.document).toMatchObject({ outcomes: { set: 1 } });
    const csv = join(migration.dir, 'report.csv');
    await migration.command('report', ['--legacy-pool', 'eu-west-1_Second', '--csv', csv]);
    expect(readFileSync(csv, 'utf8')).toContain(
      `,${sub(50)},set,email,"email finds ${sub(1)}, but not in the preferred legacy pool eu-west-1_Second"`,
    );
    const { ending, stderr } = await migration.command('plan', [...second2, '--prefer', 'eu-west-1_Third']);
    expect([ending, stderr]).toEqual([
      'usage',
      expect.stringContaining('--prefer: eu-west-1_Third is not a legacy pool'),
    ]);
  });
});

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { DAY_MS } from '../../src/clock.js';
import { createDynamoDbDrainStore } from '../../src/operate/drain/stores/dynamodb-drain-store.js';
import { seriesOf, startCloudWatch } from '../support/cloudwatch.js';
import { LEGACY_POOL, NEW_POOL } from '../support/cognito-simulator/index.js';
import { OPERATIONS_KEYS, startDynamoDb } from '../support/dynamodb.js';
import { countedFile, countInto, DRAINED, NOW, STANDING } from './commands/drain/counted.js';
import { everyOutcome, startMigration } from './migration.js';
import { run } from './support.js';

interface Policy {
  Version: string;
  Statement: { Sid: string; Effect: string; Action: string[]; Resource: string }[];
}

const folder = new URL('../../docs/iam/', import.meta.url);
const readPolicy = (name: string): Policy => JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8'));
const actionsOf = ({ Statement }: Policy) => Statement.flatMap(({ Action }) => Action).sort();

describe('the IAM policies', () => {
  it.each([
    'plan-legacy-pool',
    'plan-new-pool',
    'plan-trust-attribute',
    'plan-legacy-provider',
    'plan-match-attribute',
    'apply',
    'verify',
    'rollback',
    'drain-legacy-pool',
    'drain-sessions',
  ])('%s can be pasted, and names one pool and no wildcard', (name) => {
    const policy = readPolicy(name);
    expect(policy.Version).toBe('2012-10-17');
    for (const { Sid, Effect, Resource } of policy.Statement) {
      expect(Sid).toMatch(/^[A-Za-z0-9]+$/);
      expect(Effect).toBe('Allow');
      expect(Resource).toMatch(/^arn:aws:cognito-idp:[a-z]+-[a-z]+-\d:\d{12}:userpool\/[a-z]+-[a-z]+-\d_[A-Za-z0-9]+$/);
    }
    for (const action of actionsOf(policy)) expect(action).toMatch(/^cognito-idp:[A-Z][A-Za-z]+$/);
  });

  it.each<[string, string[], string[]]>([
    ['without groups', [], ['']],
    ['with groups', ['--groups'], ['', '-groups']],
  ])('allow each command exactly what it calls, %s', async (_, planArgs, suffixes) => {
    const [legacy, fresh] = everyOutcome();
    const called = new Map<string, Set<string>>();
    let command = '';
    const providers = [{ ProviderName: 'Okta', ProviderType: 'OIDC' as const, AttributeMapping: { email: 'email' } }];
    const groups = [{ GroupName: 'admins', members: ['ann'] }];
    await using migration = await startMigration(
      [
        { ...legacy, groups: [...groups, { GroupName: 'staff', members: ['bob'] }] },
        { ...fresh, providers, groups: [{ GroupName: 'staff' }] },
      ],
      {
        // Then it has to be looked up whether the group was created.
        faults: [{ kind: 'drop-after', operations: ['CreateGroup'], times: 1 }],
        onRequest: ({ operation, poolId }) => {
          const key = `${command} ${poolId}`;
          called.set(key, (called.get(key) ?? new Set()).add(`cognito-idp:${operation}`));
        },
      },
    );
    const commands = [['plan', ...planArgs], ['apply', '--yes', '--overwrite'], ['verify'], ['rollback', '--yes']];
    for (const [name, ...args] of commands) {
      command = name ?? '';
      await migration.command(command, args);
    }
    const calls = Object.fromEntries([...called].map(([key, actions]) => [key, [...actions].sort()]));
    const allowed = (name: string) => suffixes.flatMap((suffix) => actionsOf(readPolicy(`${name}${suffix}`))).sort();
    expect(calls).toEqual({
      [`plan ${LEGACY_POOL}`]: allowed('plan-legacy-pool'),
      [`plan ${NEW_POOL}`]: allowed('plan-new-pool'),
      [`apply ${NEW_POOL}`]: allowed('apply'),
      [`verify ${NEW_POOL}`]: allowed('verify'),
      [`rollback ${NEW_POOL}`]: allowed('rollback'),
    });
  });

  it.each([
    ['that trusts the attribute', ['--trust-attribute'], 'plan-trust-attribute'],
    ['with a legacy provider', ['--legacy-provider', 'Okta'], 'plan-legacy-provider'],
  ])('allow a plan %s what it calls besides', async (_, args, besides) => {
    const called = new Set<string>();
    const [legacy, fresh] = everyOutcome();
    const providers = [{ ProviderName: 'Okta', ProviderType: 'OIDC' as const, AttributeMapping: { email: 'email' } }];
    await using migration = await startMigration([legacy, { ...fresh, providers }], {
      onRequest: ({ operation, poolId }) => void (poolId === NEW_POOL && called.add(`cognito-idp:${operation}`)),
    });
    await migration.command('plan', args);
    const allowed = ['plan-new-pool', besides].flatMap((name) => actionsOf(readPolicy(name)));
    expect([...called].sort()).toEqual([...new Set(allowed)].sort());
  });

  it('allow a plan that matches by an attribute what it calls besides, on either pool', async () => {
    const called = new Map<string, Set<string>>();
    const [legacy, fresh] = everyOutcome();
    const clients = [{ ClientId: 'web', ClientName: 'web', WriteAttributes: ['email'] }];
    const providers = [{ ProviderName: 'Okta', ProviderType: 'OIDC' as const, AttributeMapping: { email: 'email' } }];
    const pools = [
      { ...legacy, clients, providers },
      { ...fresh, clients, providers },
    ];
    await using migration = await startMigration(pools, {
      onRequest: ({ operation, poolId }) =>
        void called.set(poolId, (called.get(poolId) ?? new Set()).add(`cognito-idp:${operation}`)),
    });
    const { ending } = await migration.command('plan', ['--match', 'attribute:custom:staff']);
    expect(ending).toBe('attention');
    const allowed = (...names: string[]) => [...new Set(names.flatMap((name) => actionsOf(readPolicy(name))))].sort();
    expect([...(called.get(LEGACY_POOL) ?? [])].sort()).toEqual(allowed('plan-legacy-pool', 'plan-match-attribute'));
    expect([...(called.get(NEW_POOL) ?? [])].sort()).toEqual(allowed('plan-new-pool', 'plan-trust-attribute'));
  });

  it.each([
    ['export-csv-legacy-pool', 0],
    ['export-csv-new-pool', 1],
    ['import-csv', 2],
  ])('%s is the one that the page about CSV import shows, which is tried there', (name, at) => {
    const page = readFileSync(new URL('../../docs/csv-import.md', import.meta.url), 'utf8');
    const shown = [...page.matchAll(/```json\n(.*?)```/gs)].map(([, text = '']) => JSON.parse(text));
    expect(readPolicy(name)).toEqual(shown[at]);
  });

  it('allow publish exactly what it calls of a table, when it writes, replaces and removes', async () => {
    const database = await startDynamoDb();
    onTestFinished(() => database.stop());
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
    onTestFinished(() => void vi.unstubAllEnvs());
    await using migration = await startMigration();
    const to = `dynamodb://${database.tableName}?region=eu-west-1&endpoint=${encodeURIComponent(database.endpoint)}`;
    const publish = async (...args: string[]) => {
      migration.simulator.stats.reset();
      const { document } = await migration.json('publish', ['--to', to, ...args]);
      expect(migration.simulator.stats.operations).toEqual({});
      return document;
    };
    await migration.command('plan');
    expect(await publish()).toMatchObject({ written: 2, wrong: 0 });
    migration.simulator.pool(NEW_POOL).users.delete('ann');
    await migration.command('plan');
    expect(await publish('--allow-removals', '5')).toMatchObject({ removed: 1, wrong: 0 });
    const called = [...database.operations].map((operation) => `dynamodb:${operation}`);
    expect(called.sort()).toEqual(actionsOf(readPolicy('publish-dynamodb')));
  });

  it.each([
    ['reads the lifetimes of refresh tokens', [], ['drain-legacy-pool']],
    ['reads what AWS counted', ['--cloudwatch'], ['drain-cloudwatch']],
    ['asks for sessions', ['--sessions', '--yes'], ['drain-legacy-pool', 'drain-sessions']],
  ])('allow drain exactly what it calls when it %s', async (_, args, policies) => {
    const called = new Set<string>();
    const { requests } = await startCloudWatch({
      recorded: { [LEGACY_POOL]: { [seriesOf('SignInSuccesses', 'web')]: { [NOW - 90 * DAY_MS]: 1 } } },
    });
    const [legacy, fresh] = everyOutcome();
    const clients = [{ ClientId: 'web', ClientName: 'web' }];
    await using migration = await startMigration([{ ...legacy, clients, sessions: {} }, fresh], {
      onRequest: ({ operation }) => void called.add(`cognito-idp:${operation}`),
    });
    const from = await countedFile(join(migration.dir, 'drain.ndjson'), DRAINED);
    const endpoint = ['--legacy-pool', LEGACY_POOL, '--legacy-endpoint', migration.simulator.endpoint];
    const { ending } = await run(['drain', '--from', from, ...endpoint, ...args], { clock: STANDING });
    expect(ending).toBe('done');
    if (requests.length > 0) called.add('cloudwatch:GetMetricData');
    const allowed = policies.flatMap((name) => actionsOf(readPolicy(name)));
    expect([...called].sort()).toEqual([...new Set(allowed)].sort());
  });

  it('allow drain exactly what it calls of a table, when it reads and says that an instance is gone', async () => {
    const database = await startDynamoDb('cutover-operations', OPERATIONS_KEYS);
    onTestFinished(() => database.stop());
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
    onTestFinished(() => void vi.unstubAllEnvs());
    const { client, tableName, operations, endpoint } = database;
    await countInto(createDynamoDbDrainStore({ client, tableName }), [
      ...DRAINED,
      { instance: 'api-3', reportedAgoMs: 40 * DAY_MS },
    ]);
    operations.clear();
    const from = `dynamodb://${tableName}?region=eu-west-1&endpoint=${encodeURIComponent(endpoint)}`;
    const args = [
      '--from',
      from,
      '--refresh-lifetime',
      '30d',
      '--gone',
      'api-3',
      '--gone-at',
      '2026-01-25T00:00:00Z',
      '--yes',
    ];
    expect((await run(['drain', ...args], { clock: STANDING })).stdout).toMatch(/^Safe to close/);
    const called = [...operations].map((operation) => `dynamodb:${operation}`);
    expect(called.sort()).toEqual(actionsOf(readPolicy('drain-dynamodb')));
  });

  it('allow phase exactly what it calls of a table, when it shows and sets', async () => {
    const database = await startDynamoDb('cutover-operations', OPERATIONS_KEYS);
    onTestFinished(() => database.stop());
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
    onTestFinished(() => void vi.unstubAllEnvs());
    const to = `dynamodb://${database.tableName}?region=eu-west-1&endpoint=${encodeURIComponent(database.endpoint)}`;
    for (const args of [['show'], ['set', '--accept-until', '2026-12-01', '--yes'], ['show']]) {
      expect((await run(['phase', ...args, '--to', to])).ending).toBe('done');
    }
    const called = [...database.operations].map((operation) => `dynamodb:${operation}`);
    expect(called.sort()).toEqual(actionsOf(readPolicy('phase-dynamodb')));
  });

  it('are named in the table of the runbook, each of them', () => {
    const runbook = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8');
    const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
    expect(names.filter((name) => !runbook.includes(`(iam/${name})`))).toEqual([]);
  });
});

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { LEGACY_POOL, NEW_POOL } from '../support/cognito-simulator/index.js';
import { everyOutcome, startMigration } from './migration.js';

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
});

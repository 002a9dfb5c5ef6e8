import { describe, expect, it } from 'vitest';
import { CHECKS } from '../../../src/assess/checks/index.js';
import type { PoolSnapshot, Snapshot } from '../../../src/assess/snapshot/pool-snapshot.js';
import { client, context, google, legacyParts, newClient, newParts, OWN_TRIGGERS, pair } from '../pools.js';
import { FAULTS } from './faults/index.js';

const resultsOf = (id: string, snapshot: Snapshot, options = {}) =>
  CHECKS.filter((check) => check.id === id).flatMap((check) =>
    check.run(snapshot, { ...context, options: { ...context.options, ...options } }),
  );

const migrationClient = client({
  id: 'migration-id',
  name: 'user-migration',
  hasSecret: true,
  authFlows: ['ALLOW_ADMIN_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
  oauthFlows: [],
});
const ofCognito = {
  identifier: 'cognito',
  name: 'Cognito',
  managedByCognito: true,
  scopes: [{ name: 'use', description: '' }],
};
const required = { settings: { mfa: 'ON' as const }, mfa: { softwareToken: true } };
const nobody = { native: 0, ableToSignIn: 0, total: 200, byStatus: { EXTERNAL_PROVIDER: 200 } };
const legacyPoolAsProvider = {
  ...google,
  name: 'LegacyPool',
  type: 'OIDC',
  details: { oidc_issuer: 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Legacy001' },
};

describe('nothing is found', () => {
  it.each<[string, string, Snapshot]>([
    [
      'clients-missing',
      "for the migration trigger's own client",
      pair({ legacy: { clients: [client(), migrationClient] } }),
    ],
    [
      'clients-missing',
      'for the client that the new pool signs people in with',
      pair({
        legacy: {
          clients: [
            client(),
            client({
              name: 'new-pool',
              callbackUrls: ['https://shop-new.auth.eu-west-1.amazoncognito.com/oauth2/idpresponse'],
            }),
          ],
        },
      }),
    ],
    [
      'client-flows-missing',
      'where old names were replaced by new ones',
      pair({
        legacy: { clients: [client({ authFlows: ['ADMIN_NO_SRP_AUTH'] })] },
        new: newClient({
          authFlows: ['ALLOW_ADMIN_USER_PASSWORD_AUTH', 'ALLOW_USER_SRP_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
        }),
      }),
    ],
    [
      'client-flows-missing',
      'where refresh tokens rotate instead',
      pair({ new: newClient({ authFlows: ['ALLOW_USER_SRP_AUTH'], refreshTokenRotation: true }) }),
    ],
    [
      'resource-servers-missing',
      "for Cognito's own resource server",
      pair({ legacy: { resourceServers: [...legacyParts.resourceServers, ofCognito] } }),
    ],
    [
      'client-scopes-missing',
      "for scopes of Cognito's own resource server",
      pair({
        legacy: {
          resourceServers: [...legacyParts.resourceServers, ofCognito],
          clients: [client({ oauthScopes: ['openid', 'orders/read', 'cognito/use'] })],
        },
      }),
    ],
    ['quotas-lower', 'in one account and Region, whoever could not read them', deniedIn(pair(), 'quotas')],
    [
      'sms-not-configured',
      'where End User Messaging sends SMS',
      pair({
        legacy: { settings: { smsSender: 'SNS' }, users: { phoneVerified: 5 } },
        new: { settings: { smsSender: 'EUMS' } },
      }),
    ],
    ...['mfa-weaker', 'mfa-enrolment-lost', 'mfa-stops-migration'].map((id): [string, string, Snapshot] => [
      id,
      'where nobody has a password',
      pair({ legacy: { ...required, users: nobody }, new: { users: { ...nobody, total: 0 } } }),
    ]),
    [
      'mfa-stops-migration',
      'where the legacy pool is an identity provider of the new one',
      pair({
        legacy: required,
        new: { ...required, providers: [google, legacyPoolAsProvider], users: { total: 0, native: 0 } },
      }),
    ],
    [
      'user-migration-trigger-missing',
      'where the legacy pool is an identity provider of the new one',
      pair({ new: { providers: [google, legacyPoolAsProvider], users: { total: 0, native: 0 } } }),
    ],
    [
      'post-confirmation-trigger-missing',
      'where nobody signs up and no provider sends anybody',
      pair({
        legacy: { providers: [], users: { native: 1000, byProvider: {} } },
        new: { settings: { triggers: OWN_TRIGGERS.slice(1) }, providers: [], users: { native: 1000 } },
      }),
    ],
  ])('%s %s', (id, _why, snapshot) => {
    expect(resultsOf(id, snapshot).map(({ findings, missing }) => [findings, missing])).toEqual([[[], []]]);
  });

  it.each(FAULTS.map((fault) => ({ ...fault, case: fault.case ?? '' })))(
    'because a permission is missing: $id $case',
    ({ id, snapshot, options }) => {
      const passed = PARTS.filter((part) => {
        const results = resultsOf(id, deniedIn(snapshot, part), options);
        return results.every(({ findings, missing }) => findings.length === 0 && missing.length === 0);
      });
      expect(passed).toEqual([]);
    },
  );
});

const PARTS = [
  'settings',
  'mfa',
  'clients',
  'providers',
  'resourceServers',
  'groups',
  'replicas',
  'quotas',
  'users',
] as const;

/** The snapshot without one part of the pools. */
function deniedIn(snapshot: Snapshot, part: (typeof PARTS)[number]): Snapshot {
  const shut = (pool: PoolSnapshot): PoolSnapshot => ({
    ...pool,
    [part]: { known: 'no', permission: 'cognito-idp:Something', reason: 'denied' },
  });
  return {
    ...snapshot,
    legacy: snapshot.legacy.map(shut),
    new: snapshot.new === null ? null : shut(snapshot.new),
  };
}

describe('with several legacy pools', () => {
  const bare = pair({
    new: { settings: { triggers: OWN_TRIGGERS.slice(1) }, users: { total: 1000, native: 800 } },
  });
  const second = bare.legacy.map((pool) => ({ ...pool, userPoolId: 'eu-west-1_Legacy002' }));
  const both = { ...bare, legacy: [...bare.legacy, ...second] };
  const seenOf = (id: string, snapshot: Snapshot) =>
    resultsOf(id, snapshot).flatMap(({ findings }) => findings.map(({ seen }) => seen));

  it('does not take the users of one of them for those of the other', () => {
    expect(seenOf('user-migration-trigger-missing', bare)).toEqual([]);
    expect(seenOf('user-migration-trigger-missing', both)).toEqual([
      expect.stringContaining('400 legacy users who can sign in'),
      expect.stringContaining('400 legacy users who can sign in'),
    ]);
    expect(seenOf('post-confirmation-trigger-missing', both)[0]).toContain('100 legacy users of identity providers');
  });

  it('takes nobody for moved while the users of one of them are not known', () => {
    const users = { known: 'no', permission: 'cognito-idp:ListUsers', reason: 'denied' } as const;
    const half = { ...both, legacy: [...bare.legacy, ...second.map((pool) => ({ ...pool, users }))] };
    expect(seenOf('user-migration-trigger-missing', half)).toEqual([
      expect.stringContaining('800 legacy users who can sign in'),
    ]);
  });
});

describe('a client that is to be created', () => {
  const creationOf = (one: Parameters<typeof client>[0]) =>
    resultsOf('clients-missing', pair({ legacy: { clients: [client(one)] }, new: { clients: newParts.clients } }))[0]
      ?.findings[0]?.fix ?? '';
  const job = { id: 'job-old', name: 'job' };

  it('gets new names of flows, and rotation instead of the refresh flow', () => {
    expect(creationOf({ ...job, authFlows: ['USER_PASSWORD_AUTH'] })).toContain(
      `--explicit-auth-flows '["ALLOW_USER_PASSWORD_AUTH","ALLOW_REFRESH_TOKEN_AUTH","ALLOW_USER_SRP_AUTH","ALLOW_CUSTOM_AUTH"]'`,
    );
    const rotating = creationOf({
      ...job,
      authFlows: ['ALLOW_REFRESH_TOKEN_AUTH', 'ALLOW_USER_SRP_AUTH'],
      refreshTokenRotation: true,
    });
    expect(rotating).toContain(
      `--explicit-auth-flows '["ALLOW_USER_SRP_AUTH"]' --refresh-token-rotation Feature=ENABLED`,
    );
  });

  it('never gets an empty write list, which would allow everything', () => {
    expect(creationOf({ ...job, writeAttributes: ['custom:legacy_sub'] })).toContain(`--write-attributes '["email"]'`);
  });

  it('is left to the reader where it may be what the migration trigger signs in with', () => {
    const server = { ...job, authFlows: ['ALLOW_ADMIN_USER_PASSWORD_AUTH'], oauthFlows: [] };
    expect(creationOf(server)).toContain(
      '# job (job-old): the new pool does not need a client that only the migration trigger uses.',
    );
  });
});

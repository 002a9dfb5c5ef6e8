import type { PoolSnapshot, Snapshot } from '../../../src/assess/snapshot/pool-snapshot.js';
import { client, legacyParts, newParts, OWN_TRIGGERS, pair } from '../pools.js';
import type { PoolPair } from './pool-pair.js';

const migrationClient = client({
  id: 'migration-old',
  name: 'user-migration',
  hasSecret: true,
  authFlows: ['ALLOW_ADMIN_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
  oauthFlows: [],
  oauthScopes: [],
  callbackUrls: [],
  logoutUrls: [],
  identityProviders: [],
});
const inRegion = (pool: PoolSnapshot, region: string): PoolSnapshot => ({ ...pool, region });
const acrossAccounts = (snapshot: Snapshot): Snapshot => ({
  ...snapshot,
  new: snapshot.new === null ? null : inRegion(snapshot.new, 'us-east-1'),
});

/** Six in ten have moved to a pool of another account and Region, and the rest is still to come. */
export const halfDone: PoolPair = {
  name: 'a half-done move to another account',
  snapshot: acrossAccounts(
    pair({
      legacy: {
        settings: { estimatedUsers: 100_000, plan: 'PLUS', threatProtection: 'AUDIT' },
        clients: [...legacyParts.clients, migrationClient],
        resourceServers: [
          ...legacyParts.resourceServers,
          {
            identifier: 'aws.cognito.managed',
            name: 'Cognito',
            managedByCognito: true,
            scopes: [{ name: 'use', description: 'Use' }],
          },
        ],
        quotas: [
          { category: 'UserAuthentication', provisioned: 500, free: 120 },
          { category: 'UserFederation', provisioned: 25, free: 25 },
        ],
        users: {
          total: 100_000,
          native: 90_000,
          byStatus: { CONFIRMED: 90_000, EXTERNAL_PROVIDER: 10_000 },
          byProvider: { Google: 10_000 },
          ableToSignIn: 90_000,
          ableToSignInFederated: 10_000,
          emailVerified: 100_000,
          lastModifiedNative: [
            { days: 10, users: 30_000 },
            { days: 200, users: 60_000 },
          ],
          lastModifiedFederated: [{ days: 3, users: 10_000 }],
        },
      },
      new: {
        settings: {
          account: '444455556666',
          estimatedUsers: 60_000,
          plan: 'ESSENTIALS',
          triggers: [...OWN_TRIGGERS, { name: 'UserMigration', version: null }],
        },
        clients: newParts.clients,
        quotas: [
          { category: 'UserAuthentication', provisioned: 120, free: 120 },
          { category: 'UserFederation', provisioned: 25, free: 25 },
        ],
        users: {
          total: 60_000,
          native: 54_000,
          byStatus: { CONFIRMED: 54_000, EXTERNAL_PROVIDER: 6_000 },
          byProvider: { Google: 6_000 },
          ableToSignIn: 54_000,
          ableToSignInFederated: 6_000,
          emailVerified: 60_000,
          customAttributes: { 'custom:legacy_sub': 52_000 },
          lastModifiedNative: [{ days: 10, users: 54_000 }],
          lastModifiedFederated: [{ days: 3, users: 6_000 }],
        },
      },
    }),
  ),
  findings: [
    ['warning', 'quotas-lower'],
    ['warning', 'feature-plan-lower'],
    ['warning', 'threat-protection-lower'],
    ['info', 'accounts-differ'],
    ['info', 'endpoints-change'],
    ['info', 'identity-pools', 'in the legacy pool'],
    ['info', 'client-ids-change'],
    ['info', 'group-memberships'],
  ],
  shares: [
    ['already-moved', 52_000],
    ['backfill', 8_000],
    ['federation', 4_000],
    ['migration-at-sign-in', 12_000],
    ['import-and-reset', 24_000],
  ],
  procedure: [
    {
      step: 'Align the settings of the pools.',
      settles: ['feature-plan-lower', 'threat-protection-lower'],
    },
    {
      step: 'Mount the middleware in every API, so that APIs accept tokens of both pools before the new pool issues its first token.',
      settles: ['endpoints-change', 'client-ids-change'],
    },
    {
      step: 'Find the identity pools that trust the legacy pool. If there is one, begin to record which identity belongs to whom: this works only while people still sign in at the legacy pool.',
      settles: ['identity-pools'],
    },
    {
      step: 'Give the triggers of the new pool the permissions they need in both accounts.',
      settles: ['accounts-differ'],
    },
    {
      step: 'Request higher quotas for the account and Region of the new pool some days before the switch.',
      settles: ['quotas-lower'],
    },
    {
      step: 'Run cognito-cutover plan --groups, then publish: the APIs recognise users who are already in the new pool within minutes. Then run apply at the start of a month, and verify.',
      settles: ['group-memberships'],
    },
    {
      step: 'Switch applications over one at a time: users with a password move when they sign in, users of identity providers arrive with their first sign-in.',
      settles: [],
    },
    {
      step: 'After 90 days, run export-csv and import-csv for the users with a password who have not moved. Then run plan --groups, apply and verify again.',
      settles: [],
    },
    {
      step: 'Set legacyTokens.acceptUntil to now plus the longest lifetime of a refresh token, and check that no user is refused.',
      settles: [],
    },
    {
      step: 'Keep the legacy pool, with deletion protection, for as long as you may need to check a mapping.',
      settles: [],
    },
  ],
  says: [
    '--requested-limit-value 500',
    'cognito-idp:AdminInitiateAuth, cognito-idp:AdminGetUser, cognito-idp:DescribeUserPool',
    'arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_Legacy001',
  ],
  neverSays: ['user-migration (migration-old)', 'aws.cognito.managed', 'create-user-pool-replica', 'Set the triggers'],
};

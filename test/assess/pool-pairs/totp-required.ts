import { client, newParts, OWN_TRIGGERS, pair } from '../pools.js';
import type { PoolPair } from './pool-pair.js';

const flows = { authFlows: ['ALLOW_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'], identityProviders: ['COGNITO'] };

/** A bank's portal: an authenticator app for everybody. */
export const totpRequired: PoolPair = {
  name: 'TOTP required of all',
  snapshot: pair({
    legacy: {
      settings: { estimatedUsers: 12_000, mfa: 'ON' },
      mfa: { softwareToken: true },
      providers: [],
      clients: [client(flows)],
      groups: [],
      users: {
        total: 12_000,
        native: 12_000,
        byStatus: { CONFIRMED: 12_000 },
        byProvider: {},
        ableToSignIn: 12_000,
        ableToSignInFederated: 0,
        emailVerified: 12_000,
        lastModifiedNative: [
          { days: 12, users: 9_000 },
          { days: 300, users: 3_000 },
        ],
        lastModifiedFederated: [],
      },
    },
    new: {
      settings: { estimatedUsers: 0, mfa: 'ON', triggers: OWN_TRIGGERS },
      mfa: { softwareToken: true },
      providers: [],
      clients: newParts.clients.map((one) => ({ ...one, ...flows })),
      groups: [],
      users: {
        total: 0,
        native: 0,
        byStatus: {},
        byProvider: {},
        ableToSignIn: 0,
        ableToSignInFederated: 0,
        emailVerified: 0,
        customAttributes: {},
        lastModifiedNative: [],
        lastModifiedFederated: [],
      },
    },
  }),
  findings: [
    ['blocker', 'mfa-stops-migration'],
    ['warning', 'mfa-enrolment-lost', 'in the legacy pool'],
    ['info', 'endpoints-change'],
    ['info', 'identity-pools', 'in the legacy pool'],
    ['info', 'client-ids-change'],
  ],
  shares: [
    ['federation-with-legacy-pool', 9_000],
    ['import-and-reset', 3_000],
  ],
  procedure: [
    {
      step: 'Mount the middleware in every API, so that APIs accept tokens of both pools before the new pool issues its first token.',
      settles: ['endpoints-change', 'client-ids-change'],
    },
    {
      step: 'Find the identity pools that trust the legacy pool. If there is one, begin to record which identity belongs to whom: this works only while people still sign in at the legacy pool.',
      settles: ['identity-pools'],
    },
    {
      step: 'Make the legacy pool an identity provider of the new one (eu-west-1_Legacy001): MFA is required there, so the migration trigger cannot move its users.',
      settles: ['mfa-stops-migration'],
    },
    {
      step: 'Tell users that they will have to register their authenticator app again, and when.',
      settles: ['mfa-enrolment-lost'],
    },
    {
      step: 'Switch applications over one at a time: users with a second factor sign in through the legacy pool.',
      settles: [],
    },
    {
      step: 'After 90 days, run export-csv and import-csv for the users with a password who have not moved. Then run plan, apply and verify again.',
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
    '"oidc_issuer":"https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Legacy001"',
    "legacyPoolProvider: 'LegacyPool'",
  ],
  neverSays: ['nobody notices', 'users with a password move when they sign in', 'plan --groups'],
};

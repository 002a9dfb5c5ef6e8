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
    ['info', 'client-ids-change'],
  ],
  shares: [
    ['federation-with-legacy-pool', 9_000],
    ['import-and-reset', 3_000],
  ],
  procedure: [
    {
      step: 'Mount the middleware in every API, so that tokens of both pools are accepted before the first token of the new pool is signed.',
      settles: ['endpoints-change', 'client-ids-change'],
    },
    {
      step: 'Make the legacy pool an identity provider of the new one (eu-west-1_Legacy001): MFA is required there, so the migration trigger moves nobody.',
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
      step: 'After 90 days export-csv and import-csv bring those with a password who have not come; then plan, apply and verify again.',
      settles: [],
    },
    {
      step: 'Set legacyTokens.acceptUntil to the longest token lifetime from now, and watch that nobody is refused.',
      settles: [],
    },
    {
      step: 'Keep the legacy pool, protected against deletion, for as long as a mapping may be questioned.',
      settles: [],
    },
  ],
  says: [
    '"oidc_issuer":"https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Legacy001"',
    "legacyPoolProvider: 'LegacyPool'",
  ],
  neverSays: ['nobody notices', 'users with a password move as they sign in', 'plan --groups'],
};

import { client, newParts, pair } from '../pools.js';
import type { PoolPair } from './pool-pair.js';

const choice = client({
  authFlows: ['ALLOW_USER_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
  oauthFlows: [],
  oauthScopes: [],
  callbackUrls: [],
  logoutUrls: [],
  identityProviders: ['COGNITO'],
});

/** An app whose users choose between a passkey, a code by e-mail and a password. */
export const choiceBased: PoolPair = {
  name: 'passkeys and choice-based sign-in',
  snapshot: pair({
    legacy: {
      settings: {
        estimatedUsers: 40_000,
        firstAuthFactors: ['PASSWORD', 'EMAIL_OTP', 'WEB_AUTHN'],
        smsSender: 'EUMS',
        adminCreateUserOnly: false,
        triggers: [{ name: 'PreTokenGeneration', version: 'V2_0' }],
      },
      mfa: { passkeyRelyingParty: 'app.example' },
      providers: [],
      clients: [choice],
      groups: [],
      users: {
        total: 40_000,
        native: 40_000,
        byStatus: { CONFIRMED: 40_000 },
        byProvider: {},
        ableToSignIn: 40_000,
        ableToSignInFederated: 0,
        emailVerified: 40_000,
        phoneVerified: 1_000,
        lastModifiedNative: [
          { days: 40, users: 25_000 },
          { days: 100, users: 15_000 },
        ],
        lastModifiedFederated: [],
      },
    },
    new: {
      settings: {
        estimatedUsers: 0,
        firstAuthFactors: ['PASSWORD'],
        adminCreateUserOnly: false,
        triggers: [],
      },
      providers: [],
      clients: newParts.clients.map((one) => ({
        ...choice,
        id: one.id,
        readAttributes: one.readAttributes,
        authFlows: ['ALLOW_USER_SRP_AUTH'],
        refreshTokenRotation: true,
      })),
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
    ['blocker', 'first-factors-missing'],
    ['warning', 'pre-token-trigger-missing'],
    ['warning', 'sign-up-ungated'],
    ['warning', 'sms-not-configured'],
    ['warning', 'passkeys-not-moved', 'in the legacy pool'],
    ['warning', 'user-migration-trigger-missing'],
    ['warning', 'post-confirmation-trigger-missing'],
    ['warning', 'client-flows-missing'],
    ['info', 'endpoints-change'],
    ['info', 'identity-pools', 'in the legacy pool'],
    ['info', 'client-ids-change'],
  ],
  shares: [
    ['migration-at-sign-in', 25_000],
    ['import-and-reset', 15_000],
  ],
  procedure: [
    {
      step: 'Align the settings of the pools.',
      settles: ['sms-not-configured', 'first-factors-missing'],
    },
    {
      step: 'Align the app clients, and give machine clients their new ids and secrets.',
      settles: ['client-flows-missing'],
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
      step: 'Set the triggers of the new pool (pre token generation, user migration, pre sign-up, post confirmation), and test them with a few accounts.',
      settles: [
        'pre-token-trigger-missing',
        'user-migration-trigger-missing',
        'sign-up-ungated',
        'post-confirmation-trigger-missing',
      ],
    },
    {
      step: 'Tell users that they will have to register their passkey again, and when.',
      settles: ['passkeys-not-moved'],
    },
    {
      step: 'Switch applications over one at a time: users with a password move when they sign in.',
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
  says: ['AdminGetUserAuthFactors', '(["EMAIL_OTP","WEB_AUTHN"] - .)', '"EumsSms"'],
  neverSays: ['"ALLOW_REFRESH_TOKEN_AUTH"]', 'SnsCallerArn', 'nobody notices'],
};

import { client, newParts, OWN_TRIGGERS, pair } from '../pools.js';
import type { PoolPair } from './pool-pair.js';

const SRP = ['ALLOW_USER_SRP_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'];
const app = (name: string, id: string, authFlows: readonly string[]) =>
  client({
    id,
    name,
    authFlows,
    oauthFlows: [],
    oauthScopes: [],
    callbackUrls: [],
    logoutUrls: [],
    identityProviders: ['COGNITO'],
  });

/** A shop: a million people, e-mail as an alias, three in ten with a code by SMS, on the Lite plan. */
export const consumer: PoolPair = {
  name: 'a consumer pool with optional SMS MFA, on Lite',
  snapshot: pair({
    legacy: {
      settings: {
        estimatedUsers: 1_000_000,
        plan: 'LITE',
        mfa: 'OPTIONAL',
        smsSender: 'SNS',
        autoVerifiedAttributes: ['email', 'phone_number'],
        adminCreateUserOnly: false,
      },
      mfa: { sms: true },
      providers: [],
      clients: [
        app('web', 'web-old', ['ADMIN_NO_SRP_AUTH']),
        app('ios', 'ios-old', SRP),
        app('android', 'android-old', SRP),
      ],
      users: {
        total: 1_000_000,
        native: 1_000_000,
        byStatus: { CONFIRMED: 930_000, UNCONFIRMED: 60_000, RESET_REQUIRED: 10_000 },
        byProvider: {},
        ableToSignIn: 925_000,
        ableToSignInFederated: 0,
        disabled: 5_000,
        emailVerified: 900_000,
        phoneVerified: 350_000,
        withoutVerifiedContact: 30_000,
        lastModifiedNative: [
          { days: 5, users: 200_000 },
          { days: 60, users: 100_000 },
          { days: 400, users: 625_000 },
        ],
        lastModifiedFederated: [],
      },
    },
    new: {
      settings: {
        estimatedUsers: 0,
        plan: 'LITE',
        mfa: 'OFF',
        autoVerifiedAttributes: ['email'],
        adminCreateUserOnly: false,
        triggers: [
          ...OWN_TRIGGERS.filter(({ name }) => name === 'PostConfirmation'),
          { name: 'UserMigration', version: null },
        ],
      },
      providers: [],
      clients: [
        app('web', 'web-new', ['ALLOW_ADMIN_USER_PASSWORD_AUTH', ...SRP]),
        app('ios', 'ios-new', SRP),
        app('android', 'android-new', SRP),
      ].map((one) => ({ ...one, readAttributes: newParts.clients[0]?.readAttributes ?? null })),
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
    ['warning', 'pre-token-trigger-missing'],
    ['warning', 'users-without-verified-contact', 'in the legacy pool'],
    ['warning', 'sign-up-ungated'],
    ['warning', 'auto-verified-attributes-differ'],
    ['warning', 'sms-not-configured'],
    ['warning', 'mfa-weaker'],
    ['warning', 'mfa-stops-migration'],
    ['warning', 'sms-mfa-lost', 'in the legacy pool'],
    ['warning', 'user-migration-flow-missing'],
    ['warning', 'legacy-password-flow-missing', 'in the legacy pool'],
    ['info', 'endpoints-change'],
    ['info', 'identity-pools', 'in the legacy pool'],
    ['info', 'users-not-confirmed', 'in the legacy pool'],
    ['info', 'users-disabled', 'in the legacy pool'],
    ['info', 'client-ids-change'],
    ['info', 'group-memberships'],
  ],
  shares: [
    ['migration-at-sign-in', 300_000],
    ['import-and-reset', 635_000],
    ['sign-up-again', 60_000],
    ['leave-behind', 5_000],
  ],
  procedure: [
    {
      step: 'Align the settings of the pools.',
      settles: ['auto-verified-attributes-differ', 'sms-not-configured', 'mfa-weaker'],
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
      step: 'Set the triggers of the new pool (pre token generation, user migration, pre sign-up), and test them with a few accounts.',
      settles: [
        'pre-token-trigger-missing',
        'user-migration-flow-missing',
        'legacy-password-flow-missing',
        'sign-up-ungated',
      ],
    },
    {
      step: 'Decide how users with a second factor move: through the legacy pool as an identity provider of the new one, or with a password reset (challenges: "reset-and-enrol").',
      settles: ['mfa-stops-migration'],
    },
    {
      step: 'Decide what to do with the users who need a manual decision: the findings describe them, and plan lists them.',
      settles: ['users-without-verified-contact', 'users-not-confirmed', 'users-disabled'],
    },
    {
      step: 'Enable SMS again as the second factor of the users who use it.',
      settles: ['sms-mfa-lost'],
    },
    {
      step: 'Switch applications over one at a time: users with a password move when they sign in.',
      settles: [],
    },
    {
      step: 'After 90 days, run export-csv and import-csv for the users with a password who have not moved. Then run plan --groups, apply and verify again.',
      settles: ['group-memberships'],
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
    'enableSMSMFA',
    '2 of 3 app clients do not send passwords',
    '"ALLOW_ADMIN_USER_PASSWORD_AUTH","ALLOW_REFRESH_TOKEN_AUTH"',
  ],
  neverSays: ['nobody notices', '["ADMIN_NO_SRP_AUTH"', 'identity providers arrive'],
};

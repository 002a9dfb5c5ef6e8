import type { Snapshot } from '../../../src/assess/snapshot/pool-snapshot.js';
import { client, google, legacyParts, newParts, pair } from '../pools.js';

const everyTrigger = ['PreSignUp', 'PostConfirmation', 'CustomMessage', 'CustomSMSSender', 'DefineAuthChallenge'];
const factors = ['PASSWORD', 'EMAIL_OTP', 'SMS_OTP', 'WEB_AUTHN'];
const mapping = { ...google.attributeMapping, 'custom:tenant': 'hd' };

/** Pools with as many faults as go together, for fixes that meet in one object. */
const worst = (
  mfa: 'OPTIONAL' | 'ON',
  authFlows: readonly string[],
  writeAttributes: readonly string[] | null,
): Snapshot =>
  pair({
    legacy: {
      settings: {
        plan: 'PLUS',
        threatProtection: 'ENFORCED',
        mfa,
        smsSender: 'SNS',
        firstAuthFactors: factors,
        autoVerifiedAttributes: ['email', 'phone_number'],
        triggers: everyTrigger.map((name) => ({ name, version: name === 'CustomSMSSender' ? 'V1_0' : null })),
      },
      mfa: { sms: true, softwareToken: true, email: true },
      clients: [client({ authFlows: ['ADMIN_NO_SRP_AUTH', 'USER_PASSWORD_AUTH'] })],
      providers: [{ ...google, attributeMapping: mapping }],
      users: { phoneVerified: 300 },
    },
    new: {
      settings: {
        plan: 'LITE',
        mfa: mfa === 'ON' ? 'OPTIONAL' : 'OFF',
        schema: legacyParts.settings.schema,
        autoVerifiedAttributes: [],
        adminCreateUserOnly: false,
        deletionProtection: false,
        emailSending: 'COGNITO_DEFAULT',
        accountRecovery: ['admin_only'],
        triggers: [{ name: 'PreTokenGeneration', version: 'V1_0' }],
        dynamicClientRegistration: { enabled: true, open: true, scopes: [] },
      },
      mfa: { passkeyRelyingParty: 'shop.example' },
      clients: newParts.clients.map((one) => ({
        ...one,
        authFlows,
        oauthFlows: [],
        oauthScopes: [],
        callbackUrls: [],
        logoutUrls: [],
        identityProviders: ['COGNITO', 'Google'],
        readAttributes: writeAttributes === null ? null : ['email'],
        writeAttributes,
        accessTokenSeconds: 300,
      })),
      providers: [
        { ...google, attributeMapping: { username: 'sub', email: 'mail', 'custom:legacy_sub': 'employee_id' } },
      ],
      users: { total: 600, native: 400 },
    },
  });

const DEFAULT_FLOWS = ['ALLOW_REFRESH_TOKEN_AUTH', 'ALLOW_USER_SRP_AUTH', 'ALLOW_CUSTOM_AUTH'];

export const WORST: readonly Snapshot[] = [
  worst('OPTIONAL', DEFAULT_FLOWS, null),
  worst('ON', ['CUSTOM_AUTH_FLOW_ONLY'], ['custom:legacy_sub']),
  worst('ON', ['ALLOW_USER_SRP_AUTH'], ['email', 'custom:legacy_sub']),
];

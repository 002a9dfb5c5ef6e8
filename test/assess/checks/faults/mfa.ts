import { type Changes, client, pair } from '../../pools.js';
import type { Fault } from './fault.js';
import { half, migration, migrationClient } from './parts.js';

const choice = { firstAuthFactors: ['PASSWORD', 'WEB_AUTHN'] };
const required: Changes = { settings: { mfa: 'ON' }, mfa: { email: true } };
const optional: Changes = { settings: { mfa: 'OPTIONAL' }, mfa: { email: true } };

export const mfaFaults: readonly Fault[] = [
  {
    id: 'mfa-weaker',
    case: 'required before',
    severity: 'blocker',
    snapshot: pair({ legacy: { settings: { mfa: 'ON' }, mfa: { email: true } } }),
    fix: '.MfaConfiguration = "ON"',
  },
  {
    id: 'mfa-weaker',
    case: 'optional before',
    severity: 'warning',
    snapshot: pair({ legacy: { settings: { mfa: 'OPTIONAL' }, mfa: { email: true } } }),
  },
  {
    id: 'mfa-kind-missing',
    severity: 'warning',
    snapshot: pair({
      legacy: { settings: { mfa: 'OPTIONAL' }, mfa: { email: true, sms: true } },
      new: { settings: { mfa: 'OPTIONAL' }, mfa: { email: true } },
    }),
    seen: 'SMS',
  },
  {
    id: 'mfa-required-in-new',
    severity: 'warning',
    snapshot: pair({ new: { settings: { mfa: 'ON' }, mfa: { email: true } } }),
  },
  {
    id: 'mfa-enrolment-lost',
    severity: 'warning',
    snapshot: pair({
      legacy: { settings: { mfa: 'OPTIONAL' }, mfa: { softwareToken: true } },
      new: { settings: { mfa: 'OPTIONAL' }, mfa: { softwareToken: true } },
    }),
  },
  {
    id: 'mfa-stops-migration',
    case: 'of everybody',
    severity: 'blocker',
    snapshot: pair({
      legacy: required,
      new: { ...required, ...half, settings: { ...required.settings, ...half.settings } },
    }),
    seen: 'MFA is ON in the legacy pool. 400 users with a password are not in the new pool yet.',
    fix: '"oidc_issuer":"https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Legacy001"',
  },
  {
    id: 'mfa-stops-migration',
    case: 'where the trigger may enrol them again',
    severity: 'warning',
    snapshot: pair({
      legacy: { ...required, clients: [client(), migrationClient] },
      new: { ...required, ...half, settings: { ...required.settings, ...half.settings, triggers: migration } },
    }),
    seen: 'challenges: "reset-and-enrol"',
  },
  {
    id: 'mfa-stops-migration',
    case: 'of some',
    severity: 'warning',
    snapshot: pair({
      legacy: { ...optional, clients: [client(), migrationClient] },
      new: { ...optional, ...half, settings: { ...optional.settings, ...half.settings, triggers: migration } },
    }),
  },
  {
    id: 'sms-mfa-lost',
    severity: 'warning',
    snapshot: pair({
      legacy: {
        settings: { mfa: 'OPTIONAL', smsSender: 'SNS' },
        mfa: { sms: true },
        users: { phoneVerified: 300 },
      },
      new: { settings: { mfa: 'OPTIONAL', smsSender: 'SNS' }, mfa: { sms: true } },
    }),
    seen: '300 users',
    fix: 'enableSMSMFA',
  },
  {
    id: 'first-factors-missing',
    case: 'a passkey',
    severity: 'warning',
    snapshot: pair({ legacy: { settings: choice } }),
    besides: ['passkeys-not-moved'],
    seen: 'offers a password, a passkey in the legacy pool and a password in the new one',
    fix: '.Policies.SignInPolicy.AllowedFirstAuthFactors = ((.Policies.SignInPolicy.AllowedFirstAuthFactors // []) | if length == 0 then ["PASSWORD"] else . end | . + (["WEB_AUTHN"] - .))',
  },
  {
    id: 'first-factors-missing',
    case: 'a code',
    severity: 'blocker',
    snapshot: pair({ legacy: { settings: { firstAuthFactors: ['PASSWORD', 'EMAIL_OTP'] } } }),
  },
  {
    id: 'passkeys-not-moved',
    severity: 'warning',
    snapshot: pair({
      legacy: { settings: choice, mfa: { passkeyRelyingParty: 'shop.example' } },
      new: { settings: choice },
    }),
    seen: 'shop.example',
  },
];

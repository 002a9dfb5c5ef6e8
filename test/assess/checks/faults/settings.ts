import { attribute, LEGACY_ID, legacyParts, newParts, pair } from '../../pools.js';
import type { Fault } from './fault.js';

const newSchema = newParts.settings.schema;
const without = (schema: typeof newSchema, name: string) => schema.filter((one) => one.name !== name);
const policy = legacyParts.settings.passwordPolicy!;

export const settingFaults: readonly Fault[] = [
  {
    id: 'sign-in-options-differ',
    severity: 'blocker',
    snapshot: pair({ new: { settings: { aliasAttributes: [] } } }),
    seen: 'The legacy pool accepts username, email; the new pool accepts username',
  },
  {
    id: 'sign-in-options-differ',
    case: 'e-mail instead of username',
    severity: 'blocker',
    snapshot: pair({ new: { settings: { aliasAttributes: [], usernameAttributes: ['email'] } } }),
  },
  {
    id: 'case-sensitivity-differs',
    severity: 'warning',
    snapshot: pair({ legacy: { settings: { caseSensitive: true } } }),
    fix: 'CaseSensitive=true',
  },
  {
    id: 'case-sensitivity-differs',
    case: 'with names that collide',
    severity: 'blocker',
    snapshot: pair({
      legacy: {
        settings: { caseSensitive: true },
        users: { duplicateUsernamesIgnoringCase: { values: 1, users: 2 } },
      },
    }),
    seen: '2 legacy users',
  },
  {
    id: 'required-attributes-differ',
    severity: 'blocker',
    snapshot: pair({
      new: { settings: { schema: [...without(newSchema, 'name'), attribute('name', { required: true })] } },
    }),
    seen: 'Required in the new pool only: name',
  },
  {
    id: 'custom-attributes-missing',
    severity: 'warning',
    snapshot: pair({ new: { settings: { schema: without(newSchema, 'custom:tenant') } } }),
    fix: `'[{"Name":"tenant","AttributeDataType":"String","Mutable":true,"StringAttributeConstraints":{"MinLength":"0","MaxLength":"64"}}]'`,
  },
  {
    id: 'custom-attributes-differ',
    severity: 'warning',
    snapshot: pair({
      new: {
        settings: {
          schema: [...without(newSchema, 'custom:tenant'), attribute('custom:tenant', { mutable: false, maximum: 32 })],
        },
      },
    }),
    seen: 'custom:tenant: immutable, maximum 32 instead of 64',
  },
  {
    id: 'password-policy-stricter',
    severity: 'info',
    snapshot: pair({ new: { settings: { passwordPolicy: { ...policy, minimumLength: 12, requireSymbols: true } } } }),
    seen: 'requireSymbols, minimum length 12 instead of 10',
  },
  {
    id: 'account-recovery-differs',
    severity: 'info',
    snapshot: pair({ new: { settings: { accountRecovery: ['admin_only'] } } }),
    fix: '"RecoveryMechanisms":[{"Name":"verified_email","Priority":1}]',
  },
  {
    id: 'auto-verified-attributes-differ',
    severity: 'warning',
    snapshot: pair({ new: { settings: { autoVerifiedAttributes: [] } } }),
    seen: 'In the new pool: nothing.',
    fix: '.AutoVerifiedAttributes += (["email"] - (.AutoVerifiedAttributes // []))',
  },
  {
    id: 'auto-verified-attributes-differ',
    case: 'by phone, where nothing sends SMS',
    severity: 'warning',
    snapshot: pair({ legacy: { settings: { autoVerifiedAttributes: ['email', 'phone_number'], smsSender: 'EUMS' } } }),
    fix: '.SmsConfiguration //= {"EumsSms":{',
  },
  {
    id: 'device-tracking-differs',
    severity: 'info',
    snapshot: pair({
      legacy: {
        settings: { deviceTracking: { challengeRequiredOnNewDevice: true, onlyRememberedOnUserPrompt: false } },
      },
    }),
    seen: 'the new pool remembers no devices',
  },
  {
    id: 'deletion-protection-off',
    case: 'of the legacy pool',
    severity: 'warning',
    snapshot: pair({ legacy: { settings: { deletionProtection: false } } }),
    fix: `describe-user-pool --user-pool-id ${LEGACY_ID}`,
  },
  {
    id: 'deletion-protection-off',
    case: 'of the new pool',
    severity: 'warning',
    snapshot: pair({ new: { settings: { deletionProtection: false } } }),
    fix: '.DeletionProtection = "ACTIVE"',
  },
  {
    id: 'feature-plan-lower',
    severity: 'warning',
    snapshot: pair({ legacy: { settings: { plan: 'PLUS' } } }),
    fix: '.UserPoolTier = "PLUS"',
  },
  {
    id: 'threat-protection-lower',
    severity: 'warning',
    snapshot: pair({ legacy: { settings: { threatProtection: 'ENFORCED' } } }),
    fix: '.UserPoolAddOns.AdvancedSecurityMode = "ENFORCED"',
  },
  {
    id: 'issuer-form-differs',
    severity: 'info',
    snapshot: pair({ new: { settings: { issuerForm: 'UPDATED' } } }),
    seen: 'https://issuer-cognito-idp.eu-west-1.amazonaws.com/eu-west-1_NewPool01',
  },
  {
    id: 'email-daily-limit',
    severity: 'warning',
    snapshot: pair({ new: { settings: { emailSending: 'COGNITO_DEFAULT' } } }),
    seen: '800 users',
  },
  {
    id: 'sms-not-configured',
    severity: 'warning',
    snapshot: pair({ legacy: { settings: { smsSender: 'SNS' }, users: { phoneVerified: 12 } } }),
    fix: '.SmsConfiguration //= {"SnsCallerArn":',
  },
  {
    id: 'sms-not-configured',
    case: 'where End User Messaging sends them',
    severity: 'warning',
    snapshot: pair({ legacy: { settings: { smsSender: 'EUMS' }, users: { phoneVerified: 12 } } }),
    seen: 'through AWS End User Messaging',
    fix: '.SmsConfiguration //= {"EumsSms":{"CallerArn":"ARN_OF_THE_ROLE","ExternalId":"EXTERNAL_ID"}}',
  },
];

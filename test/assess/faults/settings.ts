import { attribute, client, LEGACY_ID, legacyParts, NEW_ID, newParts, pair } from '../pools.js';
import type { Fault } from './fault.js';

const newSchema = newParts.settings.schema;
const without = (schema: typeof newSchema, name: string) => schema.filter((one) => one.name !== name);
const policy = legacyParts.settings.passwordPolicy!;
const passwordClient = client({ authFlows: ['ALLOW_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'] });
const migration = [...newParts.settings.triggers, { name: 'UserMigration', version: null }];
const replica = (region: string, role: string) => ({ region, role, status: 'ACTIVE' });
const once = pair();

export const settingFaults: readonly Fault[] = [
  {
    id: 'same-pool',
    severity: 'blocker',
    snapshot: { ...once, legacy: once.new === null ? [] : [once.new] },
  },
  {
    id: 'replica-region',
    severity: 'blocker',
    snapshot: pair({ new: { replicas: [replica('us-east-1', 'PRIMARY'), replica('eu-west-1', 'SECONDARY')] } }),
    fix: '--new-region us-east-1',
  },
  {
    id: 'replicas-missing',
    severity: 'warning',
    snapshot: pair({ legacy: { replicas: [replica('eu-west-1', 'PRIMARY'), replica('us-east-1', 'SECONDARY')] } }),
    fix: 'create-user-pool-replica --user-pool-id eu-west-1_NewPool01 --region eu-west-1 --region-name us-east-1',
  },
  {
    id: 'accounts-differ',
    severity: 'info',
    snapshot: pair({ new: { settings: { account: '444455556666' } } }),
    seen: '444455556666',
  },
  {
    id: 'sign-in-options-differ',
    severity: 'blocker',
    snapshot: pair({ new: { settings: { aliasAttributes: [] } } }),
    seen: 'The legacy pool takes username, email; the new pool takes username',
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
    seen: 'besides: name',
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
    snapshot: pair({ legacy: { settings: { smsConfigured: true }, users: { phoneVerified: 12 } } }),
  },
  {
    id: 'mfa-weaker',
    case: 'required before',
    severity: 'blocker',
    snapshot: pair({ legacy: { settings: { mfa: 'ON' }, mfa: { email: true } } }),
    fix: '--mfa-configuration ON',
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
    id: 'passkeys-not-moved',
    severity: 'warning',
    snapshot: pair({
      legacy: {
        settings: { firstAuthFactors: ['PASSWORD', 'WEB_AUTHN'] },
        mfa: { passkeyRelyingParty: 'shop.example' },
      },
    }),
    seen: 'shop.example',
  },
  {
    id: 'triggers-missing',
    severity: 'warning',
    snapshot: pair({ legacy: { settings: { triggers: [{ name: 'CustomMessage', version: null }] } } }),
    fix: '.LambdaConfig.CustomMessage',
  },
  {
    id: 'triggers-missing',
    case: 'of custom sign-in',
    severity: 'blocker',
    snapshot: pair({ legacy: { settings: { triggers: [{ name: 'DefineAuthChallenge', version: null }] } } }),
  },
  {
    id: 'trigger-version-lower',
    severity: 'warning',
    snapshot: pair({ legacy: { settings: { triggers: [{ name: 'PreTokenGeneration', version: 'V3_0' }] } } }),
    fix: 'LambdaVersion = "V3_0"',
  },
  {
    id: 'user-migration-flow-missing',
    severity: 'warning',
    snapshot: pair({
      legacy: { clients: [client({ oauthFlows: [] }), { ...passwordClient, dynamic: true }] },
      new: {
        settings: { triggers: migration },
        clients: newParts.clients.map((one) => ({ ...one, oauthFlows: [] })),
      },
    }),
  },
  {
    id: 'legacy-password-flow-missing',
    severity: 'warning',
    snapshot: pair({ new: { settings: { triggers: migration } } }),
    fix: `create-user-pool-client --user-pool-id ${LEGACY_ID}`,
  },
  {
    id: 'domain-missing',
    severity: 'blocker',
    snapshot: pair({ new: { settings: { domainPrefix: null } } }),
    fix: 'create-user-pool-domain',
  },
  {
    id: 'custom-domain-moves',
    severity: 'warning',
    snapshot: pair({ legacy: { settings: { customDomain: 'auth.shop.example' } } }),
    seen: 'auth.shop.example',
  },
  {
    id: 'resource-servers-missing',
    severity: 'blocker',
    snapshot: pair({ new: { resourceServers: [] } }),
    seen: 'orders/read',
    fix: `create-resource-server --region eu-west-1 --cli-input-json '{"UserPoolId":"${NEW_ID}","Identifier":"orders","Name":"Orders","Scopes":[{"ScopeName":"read"`,
  },
  {
    id: 'resource-servers-missing',
    case: 'a scope of one that exists',
    severity: 'blocker',
    snapshot: pair({
      new: {
        resourceServers: [{ identifier: 'orders', name: 'Orders', scopes: [{ name: 'write', description: 'Write' }] }],
      },
    }),
    fix: '"Scopes":[{"ScopeName":"write","ScopeDescription":"Write"},{"ScopeName":"read"',
  },
];

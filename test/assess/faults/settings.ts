import type { Snapshot } from '../../../src/assess/snapshot.js';
import {
  attribute,
  type Changes,
  client,
  LEGACY_ID,
  legacyParts,
  NEW_ID,
  newClient,
  newParts,
  OWN_TRIGGERS,
  pair,
} from '../pools.js';
import type { Fault } from './fault.js';

const newSchema = newParts.settings.schema;
const without = (schema: typeof newSchema, name: string) => schema.filter((one) => one.name !== name);
const policy = legacyParts.settings.passwordPolicy!;
const migrationClient = client({
  id: 'migration-id',
  name: 'user-migration',
  hasSecret: true,
  authFlows: ['ALLOW_ADMIN_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
  oauthFlows: [],
});
const srp = (name: string) => client({ id: `${name}-id`, name, oauthFlows: [] });
const choice = { firstAuthFactors: ['PASSWORD', 'WEB_AUTHN'] };
const required: Changes = { settings: { mfa: 'ON' }, mfa: { email: true } };
const optional: Changes = { settings: { mfa: 'OPTIONAL' }, mfa: { email: true } };
const preToken = OWN_TRIGGERS.filter(({ name }) => name === 'PreTokenGeneration');
/** Half of the native users are in the new pool. */
const half = { settings: { estimatedUsers: 600 }, users: { total: 600, native: 400 } };
const inOtherRegion = (snapshot: Snapshot): Snapshot => ({
  ...snapshot,
  legacy: snapshot.legacy.map((pool) => ({ ...pool, region: 'us-east-1' })),
});
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
    id: 'quotas-lower',
    severity: 'warning',
    snapshot: inOtherRegion(
      pair({ legacy: { quotas: [{ category: 'UserAuthentication', provisioned: 500, free: 120 }] } }),
    ),
    seen: "UserAuthentication 500 in the legacy pool's account and Region, 120 in the new pool's",
    fix: '--requested-limit-value 500',
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
    seen: 'MFA is ON in the legacy pool, and 400 users of it who sign in with the pool itself are not in the new one yet.',
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
    seen: 'offers password, passkey in the legacy pool and password in the new one',
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
    id: 'triggers-missing',
    case: 'of claims, where ID tokens alone count',
    severity: 'warning',
    snapshot: pair({
      legacy: { settings: { triggers: preToken } },
      new: { settings: { triggers: OWN_TRIGGERS.filter(({ name }) => name === 'PostConfirmation') } },
    }),
    options: { tokenUse: 'id' },
    seen: 'PreTokenGeneration',
    fix: 'let one handler do both',
  },
  {
    id: 'triggers-missing',
    case: 'that encrypt',
    severity: 'warning',
    snapshot: pair({ legacy: { settings: { triggers: [{ name: 'CustomSMSSender', version: 'V1_0' }] } } }),
    fix: '.LambdaConfig.KMSKeyID //= "ARN_OF_THE_KMS_KEY"',
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
      legacy: { clients: [client({ oauthFlows: [] }), migrationClient] },
      new: {
        settings: { triggers: migration },
        clients: newParts.clients.map((one) => ({ ...one, oauthFlows: [] })),
      },
    }),
    seen: 'no app client sends passwords',
    fix: '.ExplicitAuthFlows += (["ALLOW_USER_PASSWORD_AUTH"] - (.ExplicitAuthFlows // []))',
  },
  {
    id: 'user-migration-flow-missing',
    case: 'of two clients beside one that has it',
    severity: 'warning',
    snapshot: pair({
      legacy: { clients: [...['web', 'ios', 'android'].map(srp), migrationClient] },
      new: {
        settings: { triggers: migration },
        clients: [
          ...['ios', 'android'].map(srp),
          { ...srp('web'), authFlows: ['ALLOW_USER_SRP_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH', 'ALLOW_USER_PASSWORD_AUTH'] },
        ].map((one) => ({ ...one, readAttributes: newParts.clients[0]!.readAttributes })),
      },
    }),
    seen: '2 of 3 app clients send no passwords to Cognito: ios (ios-id), android (android-id)',
    fix: 'client-android-id.json',
  },
  {
    id: 'legacy-password-flow-missing',
    severity: 'warning',
    snapshot: pair({ new: { settings: { triggers: migration } } }),
    fix: `create-user-pool-client --user-pool-id ${LEGACY_ID}`,
  },
  ...(['ALLOW_USER_PASSWORD_AUTH', 'USER_PASSWORD_AUTH'] as const).map(
    (flow): Fault => ({
      id: 'legacy-password-flow-missing',
      case: `where users send passwords themselves (${flow})`,
      severity: 'warning',
      snapshot: pair({
        legacy: { clients: [client({ authFlows: [flow] })] },
        new: {
          settings: { triggers: migration },
          ...newClient({
            authFlows: [
              'ALLOW_USER_PASSWORD_AUTH',
              'ALLOW_USER_SRP_AUTH',
              'ALLOW_CUSTOM_AUTH',
              'ALLOW_REFRESH_TOKEN_AUTH',
            ],
          }),
        },
      }),
      seen: 'Password sign-ins of users are another flow: web (web-client-id)',
      fix: `'["ALLOW_ADMIN_USER_PASSWORD_AUTH","ALLOW_REFRESH_TOKEN_AUTH"]'`,
    }),
  ),
  {
    id: 'user-migration-trigger-missing',
    severity: 'warning',
    snapshot: pair({ new: half }),
    seen: '400 legacy users who can sign in with the legacy pool are not in the new one yet',
    fix: 'cognito-idp:AdminInitiateAuth, cognito-idp:AdminGetUser and cognito-idp:DescribeUserPool on the legacy pool',
  },
  {
    id: 'post-confirmation-trigger-missing',
    severity: 'blocker',
    case: 'where federated users are to come',
    snapshot: pair({
      legacy: {
        users: { native: 0, total: 200, ableToSignIn: 0, byStatus: { EXTERNAL_PROVIDER: 200 } },
        settings: { estimatedUsers: 200 },
      },
      new: {
        settings: { triggers: preToken, estimatedUsers: 1 },
        users: { total: 1, native: 0, byProvider: { Google: 1 } },
      },
    }),
    seen: '199 legacy users of identity providers',
    fix: `aws lambda add-permission --function-name ARN_OF_THE_POST_CONFIRMATION_FUNCTION --statement-id cognito-${NEW_ID}-PostConfirmation --action lambda:InvokeFunction --principal cognito-idp.amazonaws.com --source-arn arn:aws:cognito-idp:eu-west-1:111122223333:userpool/${NEW_ID} --region eu-west-1`,
  },
  {
    id: 'post-confirmation-trigger-missing',
    case: 'where the legacy users are there, and new ones may come',
    severity: 'warning',
    snapshot: pair({ new: { settings: { triggers: preToken } } }),
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
        resourceServers: [
          {
            identifier: 'orders',
            name: 'Orders',
            managedByCognito: false,
            scopes: [{ name: 'write', description: 'Write' }],
          },
        ],
      },
    }),
    fix: '"Scopes":[{"ScopeName":"write","ScopeDescription":"Write"},{"ScopeName":"read"',
  },
];

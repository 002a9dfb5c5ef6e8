import { client, LEGACY_ID, NEW_ID, newClient, newParts, OWN_TRIGGERS, pair } from '../../pools.js';
import type { Fault } from './fault.js';
import { half, migration, migrationClient } from './parts.js';

const srp = (name: string) => client({ id: `${name}-id`, name, oauthFlows: [] });
const preToken = OWN_TRIGGERS.filter(({ name }) => name === 'PreTokenGeneration');

export const triggerFaults: readonly Fault[] = [
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
    seen: '2 of 3 app clients do not send passwords to Cognito: ios (ios-id), android (android-id)',
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
      seen: 'These app clients allow users to sign in with a password, which is a different flow: web (web-client-id)',
      fix: `'["ALLOW_ADMIN_USER_PASSWORD_AUTH","ALLOW_REFRESH_TOKEN_AUTH"]'`,
    }),
  ),
  {
    id: 'user-migration-trigger-missing',
    severity: 'warning',
    snapshot: pair({ new: half }),
    seen: '400 legacy users who can sign in with a password are not in the new pool yet',
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
];

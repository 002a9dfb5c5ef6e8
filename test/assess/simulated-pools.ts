import type { PoolOptions } from '../support/cognito-simulator/pool.js';
import { LEGACY_ID, NEW_ID } from './pools.js';

const client = (ClientId: string, more: object) => ({
  ClientId,
  ClientName: 'web',
  ExplicitAuthFlows: ['ALLOW_USER_SRP_AUTH' as const, 'ALLOW_REFRESH_TOKEN_AUTH' as const],
  ...more,
});

const common = {
  settings: {
    DeletionProtection: 'ACTIVE',
    AliasAttributes: ['email'],
    UserPoolTier: 'ESSENTIALS',
    AdminCreateUserConfig: { AllowAdminCreateUserOnly: true },
    EmailConfiguration: { EmailSendingAccount: 'DEVELOPER' },
  },
  providers: [
    {
      ProviderName: 'Google',
      ProviderType: 'Google',
      AttributeMapping: { username: 'sub' },
      ProviderDetails: { client_id: 'a', client_secret: 'provider-secret' },
    },
  ],
  groups: [{ GroupName: 'admins', Precedence: 1 }],
  resourceServers: [
    { Identifier: 'orders', Name: 'Orders', Scopes: [{ ScopeName: 'read', ScopeDescription: 'Read' }] },
  ],
} satisfies Partial<PoolOptions>;

/** Two pools of the simulator between which nothing stands. */
export function faultlessPools(users = 200): [PoolOptions, PoolOptions] {
  return [
    {
      ...common,
      id: LEGACY_ID,
      generated: { count: users, shares: { federated: 0.2 } },
      settings: { ...common.settings, Name: 'shop' },
      clients: [client('web-old', { ReadAttributes: ['email'], WriteAttributes: ['email'] })],
    },
    {
      ...common,
      id: NEW_ID,
      generated: { count: users, shares: { federated: 0.2 }, legacy: { poolId: LEGACY_ID } },
      settings: {
        ...common.settings,
        Name: 'shop-new',
        LambdaConfig: {
          PostConfirmation: 'arn:aws:lambda:x:y:function:f',
          PreTokenGenerationConfig: { LambdaVersion: 'V2_0', LambdaArn: 'arn:aws:lambda:x:y:function:f' },
        },
      },
      customAttributes: ['legacy_sub'],
      clients: [client('web-new', { ReadAttributes: ['email', 'custom:legacy_sub'], WriteAttributes: ['email'] })],
    },
  ];
}

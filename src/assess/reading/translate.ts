import type {
  GroupType,
  IdentityProviderType,
  LambdaConfigType,
  LimitType,
  MfaConfig,
  ResourceServerType,
  SchemaAttributeType,
  SmsConfigurationType,
  UserPoolClientType,
  UserPoolReplicaType,
  UserPoolType,
} from '../../directory/pool-types.js';
import { DEFAULT_FLOWS } from '../facts/app-clients.js';
import type {
  AppClient,
  Group,
  IdentityProvider,
  MfaSettings,
  PoolSettings,
  Quota,
  Replica,
  ResourceServer,
  SchemaAttribute,
} from '../snapshot/pool-snapshot.js';

const SECONDS = { seconds: 1, minutes: 60, hours: 3600, days: 86_400 } as const;

/** The details of a provider that decide which ids its users get. The others may hold secrets and are not read. */
const TELLING_DETAILS = [
  'client_id',
  'oidc_issuer',
  'authorize_scopes',
  'team_id',
  'MetadataURL',
  'attributes_request_method',
  'api_version',
];

export function toSettings(pool: UserPoolType): PoolSettings {
  const policy = pool.Policies?.PasswordPolicy;
  const registration = pool.DcrConfiguration;
  return {
    name: pool.Name ?? '',
    account: /^arn:[^:]*:cognito-idp:[^:]*:(\d{12}):/.exec(pool.Arn ?? '')?.[1] ?? null,
    estimatedUsers: pool.EstimatedNumberOfUsers ?? 0,
    usernameAttributes: pool.UsernameAttributes ?? [],
    aliasAttributes: pool.AliasAttributes ?? [],
    // If absent, the pool was created before the setting existed or by an API call without it. Both are case sensitive.
    caseSensitive: pool.UsernameConfiguration?.CaseSensitive !== false,
    autoVerifiedAttributes: pool.AutoVerifiedAttributes ?? [],
    schema: (pool.SchemaAttributes ?? []).map(toSchemaAttribute),
    passwordPolicy:
      policy === undefined
        ? null
        : {
            minimumLength: policy.MinimumLength ?? 8,
            requireUppercase: policy.RequireUppercase === true,
            requireLowercase: policy.RequireLowercase === true,
            requireNumbers: policy.RequireNumbers === true,
            requireSymbols: policy.RequireSymbols === true,
            historySize: policy.PasswordHistorySize ?? 0,
          },
    firstAuthFactors: pool.Policies?.SignInPolicy?.AllowedFirstAuthFactors ?? [],
    mfa: pool.MfaConfiguration ?? 'OFF',
    deviceTracking:
      pool.DeviceConfiguration === undefined
        ? null
        : {
            challengeRequiredOnNewDevice: pool.DeviceConfiguration.ChallengeRequiredOnNewDevice === true,
            onlyRememberedOnUserPrompt: pool.DeviceConfiguration.DeviceOnlyRememberedOnUserPrompt === true,
          },
    deletionProtection: pool.DeletionProtection === 'ACTIVE',
    plan: pool.UserPoolTier ?? null,
    threatProtection: pool.UserPoolAddOns?.AdvancedSecurityMode ?? 'OFF',
    issuerForm: pool.IssuerConfiguration?.Type ?? 'ORIGINAL',
    adminCreateUserOnly: pool.AdminCreateUserConfig?.AllowAdminCreateUserOnly === true,
    accountRecovery: [...(pool.AccountRecoverySetting?.RecoveryMechanisms ?? [])]
      .sort((a, b) => (a.Priority ?? 0) - (b.Priority ?? 0))
      .map(({ Name }) => Name ?? ''),
    emailSending: pool.EmailConfiguration?.EmailSendingAccount ?? 'COGNITO_DEFAULT',
    smsSender: toSmsSender(pool.SmsConfiguration),
    triggers: toTriggers(pool.LambdaConfig ?? {}),
    dynamicClientRegistration: {
      // Cognito enables it if the configuration does not say.
      enabled: registration !== undefined && registration.EnableStatus !== 'Disabled',
      open: registration?.OpenDcrEnabled === true,
      scopes: registration?.AllowedScopes ?? [],
    },
    domainPrefix: pool.Domain ?? null,
    customDomain: pool.CustomDomain ?? null,
  };
}

function toSmsSender(sms: SmsConfigurationType | undefined): PoolSettings['smsSender'] {
  if (sms?.EumsSms !== undefined) return 'EUMS';
  return sms?.SnsCallerArn === undefined ? null : 'SNS';
}

function toSchemaAttribute(attribute: SchemaAttributeType): SchemaAttribute {
  const { StringAttributeConstraints: length, NumberAttributeConstraints: value } = attribute;
  return {
    name: attribute.Name ?? '',
    type: attribute.AttributeDataType ?? 'String',
    mutable: attribute.Mutable === true,
    required: attribute.Required === true,
    minimum: toLimit(length?.MinLength ?? value?.MinValue),
    maximum: toLimit(length?.MaxLength ?? value?.MaxValue),
  };
}

/** Cognito returns limits as strings. One that is empty or not a number limits nothing. */
function toLimit(limit: string | undefined): number | null {
  return limit === undefined || limit.trim() === '' || !Number.isFinite(Number(limit)) ? null : Number(limit);
}

/** The triggers that are set, by name. The other members of the configuration are a key and the versioned form of a trigger. */
function toTriggers({ KMSKeyID: _key, PreTokenGenerationConfig: preToken, ...config }: LambdaConfigType) {
  const all = { ...config, PreTokenGeneration: preToken ?? config.PreTokenGeneration };
  return Object.entries(all)
    .filter(([, trigger]) => trigger !== undefined && trigger !== '')
    .map(([name, trigger]) => ({
      name,
      version: (typeof trigger === 'object' ? trigger.LambdaVersion : undefined) ?? null,
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

export function toMfaSettings(config: MfaConfig): MfaSettings {
  return {
    sms: config.SmsMfaConfiguration?.SmsConfiguration !== undefined,
    softwareToken: config.SoftwareTokenMfaConfiguration?.Enabled === true,
    email: config.EmailMfaConfiguration !== undefined,
    passkeyRelyingParty: config.WebAuthnConfiguration?.RelyingPartyId ?? null,
  };
}

export function toClient(client: UserPoolClientType): AppClient {
  const flows = client.ExplicitAuthFlows ?? [];
  const units = client.TokenValidityUnits;
  const oauth = client.AllowedOAuthFlowsUserPoolClient === true;
  return {
    id: client.ClientId ?? '',
    name: client.ClientName ?? '',
    hasSecret: client.ClientSecret !== undefined,
    dynamic: client.ClientType === 'DCR',
    authFlows: flows.length > 0 ? flows : DEFAULT_FLOWS,
    oauthFlows: oauth ? (client.AllowedOAuthFlows ?? []) : [],
    oauthScopes: oauth ? (client.AllowedOAuthScopes ?? []) : [],
    callbackUrls: client.CallbackURLs ?? [],
    logoutUrls: client.LogoutURLs ?? [],
    identityProviders: client.SupportedIdentityProviders ?? [],
    readAttributes: client.ReadAttributes ?? null,
    writeAttributes: client.WriteAttributes ?? null,
    accessTokenSeconds: (client.AccessTokenValidity ?? 1) * SECONDS[units?.AccessToken ?? 'hours'],
    idTokenSeconds: (client.IdTokenValidity ?? 1) * SECONDS[units?.IdToken ?? 'hours'],
    // Whatever the unit: Cognito replaces 0 with the default.
    refreshTokenSeconds: client.RefreshTokenValidity
      ? client.RefreshTokenValidity * SECONDS[units?.RefreshToken ?? 'days']
      : 30 * SECONDS.days,
    refreshTokenRotation: client.RefreshTokenRotation?.Feature === 'ENABLED',
    tokenRevocation: client.EnableTokenRevocation === true,
  };
}

export function toProvider(provider: IdentityProviderType): IdentityProvider {
  const details = Object.entries(provider.ProviderDetails ?? {}).filter(([key]) => TELLING_DETAILS.includes(key));
  return {
    name: provider.ProviderName ?? '',
    type: provider.ProviderType ?? '',
    attributeMapping: provider.AttributeMapping ?? {},
    details: Object.fromEntries(details),
  };
}

export function toResourceServer(server: ResourceServerType): ResourceServer {
  return {
    identifier: server.Identifier ?? '',
    name: server.Name ?? '',
    managedByCognito: server.ManagedBy === 'COGNITO',
    scopes: (server.Scopes ?? []).map((scope) => ({
      name: scope.ScopeName ?? '',
      description: scope.ScopeDescription ?? '',
    })),
  };
}

export function toGroup(group: GroupType): Group {
  return {
    name: group.GroupName ?? '',
    precedence: group.Precedence ?? null,
    hasRole: group.RoleArn !== undefined && group.RoleArn !== '',
  };
}

export function toQuota({ LimitDefinition, ProvisionedLimitValue, FreeLimitValue }: LimitType): Quota {
  const free = FreeLimitValue ?? 0;
  return {
    category: LimitDefinition?.Attributes?.['Category'] ?? '',
    provisioned: ProvisionedLimitValue ?? free,
    free,
  };
}

export function toReplica(replica: UserPoolReplicaType): Replica {
  return { region: replica.RegionName ?? '', role: replica.Role ?? '', status: replica.Status ?? '' };
}

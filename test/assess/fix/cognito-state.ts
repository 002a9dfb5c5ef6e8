import { toClient, toMfaSettings, toProvider, toSettings } from '../../../src/assess/reading/translate.js';
import type {
  PoolSettings,
  PoolSnapshot,
  SchemaAttribute,
  Snapshot,
} from '../../../src/assess/snapshot/pool-snapshot.js';

/** Objects of a pool as Cognito describes them, by name: `pool`, `mfa`, `client ID`, `provider NAME`. */
export type State = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** The pools of a snapshot as Cognito would describe them. */
export const statesOf = ({ legacy, new: newPool }: Snapshot): ReadonlyMap<string, State> =>
  new Map([...legacy, ...(newPool === null ? [] : [newPool])].map((pool) => [pool.userPoolId, stateOf(pool)]));

/** The snapshot with what the states say by now. */
export const readAgain = (snapshot: Snapshot, states: ReadonlyMap<string, State>): Snapshot => ({
  ...snapshot,
  legacy: snapshot.legacy.map((pool) => poolAgain(pool, states)),
  new: snapshot.new === null ? null : poolAgain(snapshot.new, states),
});

function poolAgain(pool: PoolSnapshot, states: ReadonlyMap<string, State>): PoolSnapshot {
  const state = Object.entries(states.get(pool.userPoolId) ?? {});
  const of = (kind: string) => state.filter(([name]) => name.startsWith(kind)).map(([, value]) => value);
  return {
    ...pool,
    settings: known(toSettings(of('pool')[0] ?? {})),
    mfa: known(toMfaSettings(of('mfa')[0] ?? {})),
    clients: known(of('client').map((client) => toClient(client))),
    providers: known(of('provider').map((provider) => toProvider(provider))),
  };
}

const known = <T>(value: T) => ({ known: 'yes' as const, value });

function stateOf(pool: PoolSnapshot): State {
  const { settings, mfa, clients, providers } = pool;
  if (settings.known === 'no' || mfa.known === 'no' || clients.known === 'no' || providers.known === 'no') {
    throw new Error('every part has to be known');
  }
  const UserPoolId = pool.userPoolId;
  return {
    pool: describedPool(pool, settings.value),
    mfa: {
      MfaConfiguration: settings.value.mfa,
      ...(mfa.value.sms
        ? { SmsMfaConfiguration: { SmsConfiguration: describedSms(settings.value.smsSender ?? 'SNS') } }
        : {}),
      SoftwareTokenMfaConfiguration: { Enabled: mfa.value.softwareToken },
      ...(mfa.value.email ? { EmailMfaConfiguration: { Message: 'm' } } : {}),
      ...(mfa.value.passkeyRelyingParty === null
        ? {}
        : { WebAuthnConfiguration: { RelyingPartyId: mfa.value.passkeyRelyingParty } }),
    },
    ...Object.fromEntries(
      clients.value.map((client) => [
        `client ${client.id}`,
        {
          UserPoolId,
          ClientId: client.id,
          ClientName: client.name,
          ...(client.hasSecret ? { ClientSecret: 'secret' } : {}),
          ...(client.dynamic ? { ClientType: 'DCR' } : {}),
          ExplicitAuthFlows: client.authFlows,
          AllowedOAuthFlowsUserPoolClient: client.oauthFlows.length > 0,
          AllowedOAuthFlows: client.oauthFlows,
          AllowedOAuthScopes: client.oauthScopes,
          CallbackURLs: client.callbackUrls,
          LogoutURLs: client.logoutUrls,
          SupportedIdentityProviders: client.identityProviders,
          ...(client.readAttributes === null ? {} : { ReadAttributes: client.readAttributes }),
          ...(client.writeAttributes === null ? {} : { WriteAttributes: client.writeAttributes }),
          AccessTokenValidity: client.accessTokenSeconds,
          IdTokenValidity: client.idTokenSeconds,
          RefreshTokenValidity: client.refreshTokenSeconds,
          TokenValidityUnits: { AccessToken: 'seconds', IdToken: 'seconds', RefreshToken: 'seconds' },
          RefreshTokenRotation: { Feature: client.refreshTokenRotation ? 'ENABLED' : 'DISABLED' },
          EnableTokenRevocation: client.tokenRevocation,
        },
      ]),
    ),
    ...Object.fromEntries(
      providers.value.map((provider) => [
        `provider ${provider.name}`,
        {
          UserPoolId,
          ProviderName: provider.name,
          ProviderType: provider.type,
          ProviderDetails: { ...provider.details, client_secret: 'secret' },
          AttributeMapping: provider.attributeMapping,
        },
      ]),
    ),
  };
}

function describedPool({ userPoolId, region }: PoolSnapshot, settings: PoolSettings): Record<string, unknown> {
  const policy = settings.passwordPolicy;
  const { deviceTracking, dynamicClientRegistration: registration } = settings;
  return {
    Id: userPoolId,
    Name: settings.name,
    ...(settings.account === null
      ? {}
      : { Arn: `arn:aws:cognito-idp:${region}:${settings.account}:userpool/${userPoolId}` }),
    EstimatedNumberOfUsers: settings.estimatedUsers,
    UsernameAttributes: settings.usernameAttributes,
    AliasAttributes: settings.aliasAttributes,
    UsernameConfiguration: { CaseSensitive: settings.caseSensitive },
    AutoVerifiedAttributes: settings.autoVerifiedAttributes,
    SchemaAttributes: settings.schema.map(describedAttribute),
    Policies: {
      ...(policy === null
        ? {}
        : {
            PasswordPolicy: {
              MinimumLength: policy.minimumLength,
              RequireUppercase: policy.requireUppercase,
              RequireLowercase: policy.requireLowercase,
              RequireNumbers: policy.requireNumbers,
              RequireSymbols: policy.requireSymbols,
              PasswordHistorySize: policy.historySize,
            },
          }),
      SignInPolicy: { AllowedFirstAuthFactors: settings.firstAuthFactors },
    },
    MfaConfiguration: settings.mfa,
    ...(deviceTracking === null
      ? {}
      : {
          DeviceConfiguration: {
            ChallengeRequiredOnNewDevice: deviceTracking.challengeRequiredOnNewDevice,
            DeviceOnlyRememberedOnUserPrompt: deviceTracking.onlyRememberedOnUserPrompt,
          },
        }),
    DeletionProtection: settings.deletionProtection ? 'ACTIVE' : 'INACTIVE',
    ...(settings.plan === null ? {} : { UserPoolTier: settings.plan }),
    UserPoolAddOns: { AdvancedSecurityMode: settings.threatProtection },
    IssuerConfiguration: { Type: settings.issuerForm },
    AdminCreateUserConfig: { AllowAdminCreateUserOnly: settings.adminCreateUserOnly, UnusedAccountValidityDays: 7 },
    AccountRecoverySetting: {
      RecoveryMechanisms: settings.accountRecovery.map((Name, at) => ({ Name, Priority: at + 1 })),
    },
    EmailConfiguration: { EmailSendingAccount: settings.emailSending },
    ...(settings.smsSender === null ? {} : { SmsConfiguration: describedSms(settings.smsSender) }),
    LambdaConfig: Object.fromEntries(
      settings.triggers.map(({ name, version }) => {
        if (version === null) return [name, `arn:${name}`];
        const trigger = { LambdaVersion: version, LambdaArn: `arn:${name}` };
        return [name === 'PreTokenGeneration' ? 'PreTokenGenerationConfig' : name, trigger];
      }),
    ),
    DcrConfiguration: {
      EnableStatus: registration.enabled ? 'Enabled' : 'Disabled',
      OpenDcrEnabled: registration.open,
      AllowedScopes: registration.scopes,
    },
    ...(settings.domainPrefix === null ? {} : { Domain: settings.domainPrefix }),
    ...(settings.customDomain === null ? {} : { CustomDomain: settings.customDomain }),
  };
}

const describedSms = (sender: 'SNS' | 'EUMS') =>
  sender === 'EUMS' ? { EumsSms: { CallerArn: 'arn:sms' } } : { SnsCallerArn: 'arn:sms' };

function describedAttribute({ name, type, mutable, required, minimum, maximum }: SchemaAttribute) {
  const kind = type === 'Number' ? 'Value' : 'Length';
  const limits = {
    ...(minimum === null ? {} : { [`Min${kind}`]: `${minimum}` }),
    ...(maximum === null ? {} : { [`Max${kind}`]: `${maximum}` }),
  };
  return {
    Name: name,
    AttributeDataType: type,
    Mutable: mutable,
    Required: required,
    ...(type === 'String' || type === 'Number' ? { [`${type}AttributeConstraints`]: limits } : {}),
  };
}

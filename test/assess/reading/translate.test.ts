import { describe, expect, it } from 'vitest';
import {
  toClient,
  toGroup,
  toMfaSettings,
  toProvider,
  toQuota,
  toReplica,
  toResourceServer,
  toSettings,
} from '../../../src/assess/reading/translate.js';

describe('settings', () => {
  it('of a pool that says nothing are what Cognito does without them', () => {
    expect(toSettings({})).toEqual({
      name: '',
      account: null,
      estimatedUsers: 0,
      usernameAttributes: [],
      aliasAttributes: [],
      caseSensitive: true,
      autoVerifiedAttributes: [],
      schema: [],
      passwordPolicy: null,
      firstAuthFactors: [],
      mfa: 'OFF',
      deviceTracking: null,
      deletionProtection: false,
      plan: null,
      threatProtection: 'OFF',
      issuerForm: 'ORIGINAL',
      adminCreateUserOnly: false,
      accountRecovery: [],
      emailSending: 'COGNITO_DEFAULT',
      smsSender: null,
      triggers: [],
      dynamicClientRegistration: { enabled: false, open: false, scopes: [] },
      domainPrefix: null,
      customDomain: null,
    });
  });

  it('of a pool that says everything are taken over', () => {
    const settings = toSettings({
      Name: 'shop',
      Arn: 'arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_A',
      EstimatedNumberOfUsers: 7,
      UsernameAttributes: ['email'],
      UsernameConfiguration: { CaseSensitive: false },
      SchemaAttributes: [
        {
          Name: 'custom:a',
          AttributeDataType: 'String',
          Mutable: true,
          StringAttributeConstraints: { MaxLength: '36' },
        },
        { Name: 'custom:b', AttributeDataType: 'Number', NumberAttributeConstraints: { MinValue: '-5', MaxValue: '' } },
      ],
      Policies: {
        PasswordPolicy: { MinimumLength: 10, RequireNumbers: true },
        SignInPolicy: { AllowedFirstAuthFactors: ['PASSWORD', 'WEB_AUTHN'] },
      },
      DeviceConfiguration: { DeviceOnlyRememberedOnUserPrompt: true },
      DeletionProtection: 'ACTIVE',
      UserPoolTier: 'PLUS',
      UserPoolAddOns: { AdvancedSecurityMode: 'AUDIT' },
      IssuerConfiguration: { Type: 'UPDATED' },
      AccountRecoverySetting: {
        RecoveryMechanisms: [
          { Name: 'verified_phone_number', Priority: 2 },
          { Name: 'verified_email', Priority: 1 },
        ],
      },
    });
    expect(settings).toMatchObject({
      account: '111122223333',
      caseSensitive: false,
      schema: [
        { name: 'custom:a', type: 'String', mutable: true, required: false, minimum: null, maximum: 36 },
        { name: 'custom:b', type: 'Number', mutable: false, minimum: -5, maximum: null },
      ],
      passwordPolicy: { minimumLength: 10, requireNumbers: true, requireSymbols: false },
      firstAuthFactors: ['PASSWORD', 'WEB_AUTHN'],
      deviceTracking: { challengeRequiredOnNewDevice: false, onlyRememberedOnUserPrompt: true },
      issuerForm: 'UPDATED',
      threatProtection: 'AUDIT',
      accountRecovery: ['verified_email', 'verified_phone_number'],
    });
  });

  it('name the triggers that are set, each once, with their version', () => {
    const LambdaArn = 'arn:aws:lambda:eu-west-1:111122223333:function:f';
    const { triggers } = toSettings({
      LambdaConfig: {
        PreSignUp: LambdaArn,
        PostConfirmation: '',
        KMSKeyID: 'key',
        PreTokenGeneration: LambdaArn,
        PreTokenGenerationConfig: { LambdaVersion: 'V2_0', LambdaArn },
        CustomEmailSender: { LambdaVersion: 'V1_0', LambdaArn },
      },
    });
    expect(triggers).toEqual([
      { name: 'CustomEmailSender', version: 'V1_0' },
      { name: 'PreSignUp', version: null },
      { name: 'PreTokenGeneration', version: 'V2_0' },
    ]);
    expect(toSettings({ LambdaConfig: { PreTokenGeneration: LambdaArn } }).triggers).toEqual([
      { name: 'PreTokenGeneration', version: null },
    ]);
  });

  it.each([
    [{ SnsCallerArn: 'arn' }, 'SNS'],
    [{ EumsSms: { CallerArn: 'arn' } }, 'EUMS'],
    [{}, null],
  ])('know from %j that SMS are sent by %s', (SmsConfiguration, sender) => {
    expect(toSettings({ SmsConfiguration }).smsSender).toBe(sender);
  });

  it.each([
    [{ EnableStatus: 'Disabled' } as const, false],
    [{ EnableStatus: 'Enabled', OpenDcrEnabled: true } as const, true],
    // "If you provide a configuration without this value, Amazon Cognito turns dynamic client registration on."
    [{ OpenDcrEnabled: true }, true],
  ])('take registration configured as %j for on: %s', (DcrConfiguration, enabled) => {
    expect(toSettings({ DcrConfiguration }).dynamicClientRegistration.enabled).toBe(enabled);
  });
});

describe('an app client', () => {
  it('without anything set has what Cognito gives it', () => {
    expect(toClient({ ClientId: 'id', ClientName: 'web' })).toMatchObject({
      authFlows: ['ALLOW_REFRESH_TOKEN_AUTH', 'ALLOW_USER_SRP_AUTH', 'ALLOW_CUSTOM_AUTH'],
      oauthFlows: [],
      readAttributes: null,
      writeAttributes: null,
      hasSecret: false,
      accessTokenSeconds: 3600,
      idTokenSeconds: 3600,
      refreshTokenSeconds: 2_592_000,
    });
  });

  it('has its lifetimes in seconds, whatever unit they are set in, and its secret kept out', () => {
    const client = toClient({
      ClientSecret: 'a-secret',
      AccessTokenValidity: 5,
      IdTokenValidity: 2,
      RefreshTokenValidity: 90,
      TokenValidityUnits: { AccessToken: 'minutes', RefreshToken: 'seconds' },
    });
    expect(client).toMatchObject({
      hasSecret: true,
      accessTokenSeconds: 300,
      idTokenSeconds: 7200,
      refreshTokenSeconds: 90,
    });
    expect(JSON.stringify(client)).not.toContain('a-secret');
  });

  it('has the default lifetime of refresh tokens in place of 0, whatever the unit', () => {
    const client = toClient({ RefreshTokenValidity: 0, TokenValidityUnits: { RefreshToken: 'minutes' } });
    expect(client.refreshTokenSeconds).toBe(2_592_000);
  });

  it('has no OAuth flows while OAuth is off for it', () => {
    const flows = { AllowedOAuthFlows: ['code' as const] };
    expect(toClient(flows).oauthFlows).toEqual([]);
    expect(toClient({ ...flows, AllowedOAuthFlowsUserPoolClient: true }).oauthFlows).toEqual(['code']);
  });
});

describe('the rest', () => {
  it('keeps of a provider what decides on user ids, and no secret', () => {
    const provider = toProvider({
      ProviderName: 'Okta',
      ProviderType: 'OIDC',
      ProviderDetails: { client_id: 'a', client_secret: 'b', oidc_issuer: 'https://okta.example' },
    });
    expect(provider.details).toEqual({ client_id: 'a', oidc_issuer: 'https://okta.example' });
  });

  it('reads MFA, groups, resource servers and replicas', () => {
    expect(
      toMfaSettings({
        SmsMfaConfiguration: { SmsConfiguration: { SnsCallerArn: 'arn' } },
        SoftwareTokenMfaConfiguration: { Enabled: false },
        WebAuthnConfiguration: { RelyingPartyId: 'shop.example' },
      }),
    ).toEqual({ sms: true, softwareToken: false, email: false, passkeyRelyingParty: 'shop.example' });
    expect(toGroup({ GroupName: 'a', RoleArn: 'arn' })).toEqual({ name: 'a', precedence: null, hasRole: true });
    expect(toResourceServer({ Identifier: 'orders', Scopes: [{ ScopeName: 'r', ScopeDescription: 'Read' }] })).toEqual({
      identifier: 'orders',
      name: '',
      managedByCognito: false,
      scopes: [{ name: 'r', description: 'Read' }],
    });
    expect(toResourceServer({ Identifier: 'aws', ManagedBy: 'COGNITO' })).toMatchObject({ managedByCognito: true });
    const LimitDefinition = { LimitClass: 'API_CATEGORY', Attributes: { Category: 'UserAuthentication' } } as const;
    expect(toQuota({ LimitDefinition, ProvisionedLimitValue: 500, FreeLimitValue: 120 })).toEqual({
      category: 'UserAuthentication',
      provisioned: 500,
      free: 120,
    });
    expect(toReplica({ RegionName: 'eu-west-1', Role: 'PRIMARY', Status: 'ACTIVE' })).toEqual({
      region: 'eu-west-1',
      role: 'PRIMARY',
      status: 'ACTIVE',
    });
  });
});

import type { CheckContext } from '../../src/assess/define-check.js';
import type {
  AppClient,
  IdentityProvider,
  MfaSettings,
  Part,
  PoolParts,
  PoolSettings,
  PoolSnapshot,
  SchemaAttribute,
  Snapshot,
  UserStatistics,
} from '../../src/assess/snapshot/pool-snapshot.js';

export const NOW = Date.UTC(2026, 2, 3, 12);
export const LEGACY_ID = 'eu-west-1_Legacy001';
export const NEW_ID = 'eu-west-1_NewPool01';

export const context: CheckContext = {
  now: NOW,
  options: {
    attribute: 'custom:legacy_sub',
    tokenUse: 'any',
    providerMap: {},
    rps: 10,
    mauPrice: undefined,
    legacyMauPrice: undefined,
  },
};

export const attribute = (name: string, changes: Partial<SchemaAttribute> = {}): SchemaAttribute => ({
  name,
  type: 'String',
  mutable: true,
  required: false,
  minimum: 0,
  maximum: 2048,
  ...changes,
});

const settings: PoolSettings = {
  name: 'shop',
  account: '111122223333',
  estimatedUsers: 1000,
  usernameAttributes: [],
  aliasAttributes: ['email'],
  caseSensitive: false,
  autoVerifiedAttributes: ['email'],
  schema: [
    attribute('sub', { mutable: false, required: true }),
    attribute('email', { required: true }),
    attribute('email_verified', { type: 'Boolean', minimum: null, maximum: null }),
    attribute('name'),
    attribute('identities'),
    attribute('custom:tenant', { maximum: 64 }),
  ],
  passwordPolicy: {
    minimumLength: 10,
    requireUppercase: true,
    requireLowercase: true,
    requireNumbers: true,
    requireSymbols: false,
    historySize: 0,
  },
  firstAuthFactors: ['PASSWORD'],
  mfa: 'OFF',
  deviceTracking: null,
  deletionProtection: true,
  plan: 'ESSENTIALS',
  threatProtection: 'OFF',
  issuerForm: 'ORIGINAL',
  adminCreateUserOnly: true,
  accountRecovery: ['verified_email'],
  emailSending: 'DEVELOPER',
  smsSender: null,
  triggers: [],
  dynamicClientRegistration: { enabled: false, open: false, scopes: [] },
  domainPrefix: 'shop-legacy',
  customDomain: null,
};

export const client = (changes: Partial<AppClient> = {}): AppClient => ({
  id: 'web-client-id',
  name: 'web',
  hasSecret: false,
  dynamic: false,
  authFlows: ['ALLOW_USER_SRP_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
  oauthFlows: ['code'],
  oauthScopes: ['openid', 'orders/read'],
  callbackUrls: ['https://shop.example/callback'],
  logoutUrls: ['https://shop.example/'],
  identityProviders: ['COGNITO', 'Google'],
  readAttributes: ['email', 'email_verified', 'name'],
  writeAttributes: ['email', 'name'],
  accessTokenSeconds: 3600,
  idTokenSeconds: 3600,
  refreshTokenSeconds: 2_592_000,
  refreshTokenRotation: false,
  tokenRevocation: true,
  ...changes,
});

export const google: IdentityProvider = {
  name: 'Google',
  type: 'Google',
  attributeMapping: { username: 'sub', email: 'email', name: 'name' },
  details: { client_id: 'google-client' },
};

const users: UserStatistics = {
  total: 1000,
  byStatus: { CONFIRMED: 800, EXTERNAL_PROVIDER: 200 },
  disabled: 0,
  native: 800,
  byProvider: { Google: 200 },
  linked: 0,
  ableToSignIn: 800,
  ableToSignInFederated: 200,
  withoutSub: 0,
  withoutEmail: 0,
  emailVerified: 1000,
  phoneVerified: 0,
  withoutVerifiedContact: 0,
  duplicateEmails: { values: 0, users: 0 },
  duplicateEmailsIgnoringCase: { values: 0, users: 0 },
  duplicateUsernamesIgnoringCase: { values: 0, users: 0 },
  customAttributes: { 'custom:tenant': 900 },
  lastModifiedNative: [
    { days: 0, users: 100 },
    { days: 20, users: 300 },
    { days: 200, users: 300 },
    { days: 1000, users: 100 },
  ],
  lastModifiedFederated: [{ days: 3, users: 200 }],
};

const mfa: MfaSettings = { sms: false, softwareToken: false, email: false, passkeyRelyingParty: null };

const known = <T>(value: T): Part<T> => ({ known: 'yes', value });

const pool = (userPoolId: string, parts: PoolParts): PoolSnapshot => ({
  userPoolId,
  region: 'eu-west-1',
  settings: known(parts.settings),
  mfa: known(parts.mfa),
  clients: known(parts.clients),
  providers: known(parts.providers),
  resourceServers: known(parts.resourceServers),
  groups: known(parts.groups),
  replicas: known(parts.replicas),
  quotas: known(parts.quotas),
  users: known(parts.users),
});

const common = {
  mfa,
  providers: [google],
  resourceServers: [
    {
      identifier: 'orders',
      name: 'Orders',
      managedByCognito: false,
      scopes: [{ name: 'read', description: 'Read orders' }],
    },
  ],
  replicas: [],
  quotas: [{ category: 'UserAuthentication', provisioned: 120, free: 120 }],
};

export const legacyParts: PoolParts = {
  ...common,
  settings,
  clients: [client()],
  groups: [
    { name: 'admins', precedence: 1, hasRole: false },
    { name: `${LEGACY_ID}_Google`, precedence: null, hasRole: false },
  ],
  users,
};

/** Those that the faultless new pool has. */
export const OWN_TRIGGERS: PoolSettings['triggers'] = [
  { name: 'PostConfirmation', version: null },
  { name: 'PreTokenGeneration', version: 'V2_0' },
];

export const newParts: PoolParts = {
  ...common,
  settings: {
    ...settings,
    schema: [...settings.schema, attribute('custom:legacy_sub')],
    domainPrefix: 'shop-new',
    triggers: OWN_TRIGGERS,
  },
  clients: [client({ id: 'web-new-id', readAttributes: ['email', 'email_verified', 'name', 'custom:legacy_sub'] })],
  groups: [{ name: 'admins', precedence: 1, hasRole: false }],
  users: { ...users, customAttributes: { 'custom:tenant': 900, 'custom:legacy_sub': 100 } },
};

/** Changes to a pool that is otherwise without fault. */
export interface Changes {
  readonly settings?: Partial<PoolSettings>;
  readonly mfa?: Partial<MfaSettings>;
  readonly users?: Partial<UserStatistics>;
  readonly clients?: PoolParts['clients'];
  readonly providers?: PoolParts['providers'];
  readonly resourceServers?: PoolParts['resourceServers'];
  readonly groups?: PoolParts['groups'];
  readonly replicas?: PoolParts['replicas'];
  readonly quotas?: PoolParts['quotas'];
}

const changed = (parts: PoolParts, { settings: s, mfa: m, users: u, ...rest }: Changes = {}): PoolParts => ({
  ...parts,
  ...rest,
  settings: { ...parts.settings, ...s },
  mfa: { ...parts.mfa, ...m },
  users: { ...parts.users, ...u },
});

/** A pair of pools, without fault but for the changes. */
export const pair = (changes: { readonly legacy?: Changes; readonly new?: Changes } = {}): Snapshot => ({
  takenAt: NOW,
  legacy: [pool(LEGACY_ID, changed(legacyParts, changes.legacy))],
  new: pool(NEW_ID, changed(newParts, changes.new)),
});

/** The new pool's only app client, changed. */
export const newClient = (changes: Partial<AppClient>): { readonly clients: readonly AppClient[] } => ({
  clients: newParts.clients.map((one) => ({ ...one, ...changes })),
});

/** The schema of the new pool with the mapping attribute as given. */
export const mappingAttribute = (changes: Partial<SchemaAttribute>): Changes => ({
  settings: { schema: [...settings.schema, attribute('custom:legacy_sub', changes)] },
});

import { isPlainObject } from '../../options.js';
import {
  count,
  flag,
  type Infer,
  listOf,
  nullable,
  number,
  object,
  oneOf,
  recordOf,
  type Shape,
  text,
} from './shape.js';

/** An attribute of the pool's schema. */
const schemaAttribute = object({
  /** With its `custom:` or `dev:` prefix. */
  name: text,
  type: text,
  mutable: flag,
  required: flag,
  /** Limits of a string's length or of a number; `null` if the pool sets none. */
  minimum: nullable(number),
  maximum: nullable(number),
});

const poolSettings = object({
  name: text,
  /** The AWS account id, from the pool's ARN; `null` if the ARN has another form. */
  account: nullable(text),
  estimatedUsers: count,
  usernameAttributes: listOf(text),
  aliasAttributes: listOf(text),
  caseSensitive: flag,
  autoVerifiedAttributes: listOf(text),
  schema: listOf(schemaAttribute),
  passwordPolicy: nullable(
    object({
      minimumLength: count,
      requireUppercase: flag,
      requireLowercase: flag,
      requireNumbers: flag,
      requireSymbols: flag,
      historySize: count,
    }),
  ),
  /** The allowed first factors of choice-based sign-in: `PASSWORD`, `EMAIL_OTP`, `SMS_OTP`, `WEB_AUTHN`. */
  firstAuthFactors: listOf(text),
  mfa: oneOf('OFF', 'OPTIONAL', 'ON'),
  /** `null`: devices are not remembered. */
  deviceTracking: nullable(object({ challengeRequiredOnNewDevice: flag, onlyRememberedOnUserPrompt: flag })),
  deletionProtection: flag,
  /** The feature plan; `null` if Cognito does not report it. */
  plan: nullable(oneOf('LITE', 'ESSENTIALS', 'PLUS')),
  threatProtection: oneOf('OFF', 'AUDIT', 'ENFORCED'),
  issuerForm: oneOf('ORIGINAL', 'UPDATED'),
  adminCreateUserOnly: flag,
  /** In order of preference. */
  accountRecovery: listOf(text),
  emailSending: oneOf('COGNITO_DEFAULT', 'DEVELOPER'),
  /** The service that sends SMS: Amazon SNS or AWS End User Messaging. A pool has one of them or none. */
  smsSender: nullable(oneOf('SNS', 'EUMS')),
  /** `version` is `null` for triggers that have none. */
  triggers: listOf(object({ name: text, version: nullable(text) })),
  dynamicClientRegistration: object({ enabled: flag, open: flag, scopes: listOf(text) }),
  domainPrefix: nullable(text),
  customDomain: nullable(text),
});

const mfaSettings = object({
  sms: flag,
  softwareToken: flag,
  email: flag,
  /** The relying party of passkeys: they only work for this domain. */
  passkeyRelyingParty: nullable(text),
});

const appClient = object({
  id: text,
  name: text,
  hasSecret: flag,
  /** Registered by dynamic client registration. */
  dynamic: flag,
  authFlows: listOf(text),
  oauthFlows: listOf(text),
  oauthScopes: listOf(text),
  callbackUrls: listOf(text),
  logoutUrls: listOf(text),
  identityProviders: listOf(text),
  /** `null`: Cognito returns no list. AWS's documentation contradicts itself on what that allows. */
  readAttributes: nullable(listOf(text)),
  /** `null`: Cognito returns no list. */
  writeAttributes: nullable(listOf(text)),
  accessTokenSeconds: count,
  idTokenSeconds: count,
  refreshTokenSeconds: count,
  refreshTokenRotation: flag,
  tokenRevocation: flag,
});

const identityProvider = object({
  name: text,
  type: text,
  /** Attribute of the pool -> attribute of the provider. */
  attributeMapping: recordOf(text),
  /** The settings that decide which user ids the provider issues. No secrets. */
  details: recordOf(text),
});

const resourceServer = object({
  identifier: text,
  name: text,
  /** Created by Cognito itself; cannot be created or changed by others. */
  managedByCognito: flag,
  scopes: listOf(object({ name: text, description: text })),
});

const group = object({ name: text, precedence: nullable(count), hasRole: flag });
const replica = object({ region: text, role: text, status: text });

/** A quota of the account and Region, in requests per second. */
const quota = object({ category: text, provisioned: number, free: number });

/** Users who share a value. */
const duplicates = object({
  /** How many values are held by more than one user. */
  values: count,
  /** How many users hold such a value. */
  users: count,
});

/** The number of users by age in whole days, at the time of the snapshot. */
const ages = listOf(object({ days: count, users: count }));

/** What is kept of the users: numbers, and no personal data. */
const userStatistics = object({
  total: count,
  byStatus: recordOf(count),
  disabled: count,
  /** Users who do not come from an identity provider. */
  native: count,
  /** Users of identity providers, by the provider's name. A user with two providers counts for each. */
  byProvider: recordOf(count),
  /** Users with more than one way to sign in: native and linked to a provider, or linked to several. */
  linked: count,
  /** Native, enabled users whose password works: a migration at sign-in can move them. */
  ableToSignIn: count,
  /** Enabled users of identity providers. */
  ableToSignInFederated: count,
  withoutSub: count,
  withoutEmail: count,
  emailVerified: count,
  phoneVerified: count,
  /** Native users with neither a verified e-mail address nor a verified phone number. */
  withoutVerifiedContact: count,
  duplicateEmails: duplicates,
  /** The same, ignoring case. */
  duplicateEmailsIgnoringCase: duplicates,
  duplicateUsernamesIgnoringCase: duplicates,
  /** The number of users with a value, by `custom:` attribute. */
  customAttributes: recordOf(count),
  /** Days since the last change of the users in `ableToSignIn`. */
  lastModifiedNative: ages,
  /** Days since the last change of the users in `ableToSignInFederated`: every sign-in updates mapped attributes. */
  lastModifiedFederated: ages,
});

/** A part of the pool, or the permission that is needed to read it. */
const part = <T>(value: Shape<T>): Shape<Part<T>> => {
  const known = object({ known: oneOf('yes'), value });
  const unknown = object({ known: oneOf('no'), permission: text, reason: oneOf('denied', 'not-supported') });
  return {
    check: (path, given) =>
      isPlainObject(given) && given['known'] === 'no' ? unknown.check(path, given) : known.check(path, given),
  };
};

/** One pool in a snapshot file. */
export const poolSnapshot = object({
  userPoolId: text,
  region: text,
  settings: part(poolSettings),
  mfa: part(mfaSettings),
  clients: part(listOf(appClient)),
  providers: part(listOf(identityProvider)),
  resourceServers: part(listOf(resourceServer)),
  groups: part(listOf(group)),
  replicas: part(listOf(replica)),
  quotas: part(listOf(quota)),
  users: part(userStatistics),
});

export type Part<T> =
  | { readonly known: 'yes'; readonly value: T }
  /** `permission` is the IAM action that the caller lacks or that the endpoint does not support. */
  | { readonly known: 'no'; readonly permission: string; readonly reason: 'denied' | 'not-supported' };

export type SchemaAttribute = Infer<typeof schemaAttribute>;
export type PoolSettings = Infer<typeof poolSettings>;
export type MfaSettings = Infer<typeof mfaSettings>;
export type AppClient = Infer<typeof appClient>;
export type IdentityProvider = Infer<typeof identityProvider>;
export type ResourceServer = Infer<typeof resourceServer>;
export type Group = Infer<typeof group>;
export type Replica = Infer<typeof replica>;
export type Quota = Infer<typeof quota>;
export type Ages = Infer<typeof ages>;
export type UserStatistics = Infer<typeof userStatistics>;

/** One user pool as `assess` read it. Plain JSON without any user. */
export type PoolSnapshot = Infer<typeof poolSnapshot>;

/** The parts that a pool is read in. Each may be unreadable because a permission is missing. */
export interface PoolParts {
  readonly settings: PoolSettings;
  readonly mfa: MfaSettings;
  readonly clients: readonly AppClient[];
  readonly providers: readonly IdentityProvider[];
  readonly resourceServers: readonly ResourceServer[];
  readonly groups: readonly Group[];
  readonly replicas: readonly Replica[];
  /** Of the account and Region the pool is in. */
  readonly quotas: readonly Quota[];
  readonly users: UserStatistics;
}

/** All pools of one assessment, as read at one time. */
export interface Snapshot {
  /** Milliseconds since the epoch. */
  readonly takenAt: number;
  readonly legacy: readonly PoolSnapshot[];
  /** `null` before the new pool exists. */
  readonly new: PoolSnapshot | null;
}

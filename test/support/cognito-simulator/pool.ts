import type {
  GroupType,
  IdentityProviderType,
  ResourceServerType,
  SchemaAttributeType,
  SessionDescriptionType,
  UserPoolClientType,
  UserPoolType,
} from '@aws-sdk/client-cognito-identity-provider';
import type { TestPool } from '../../../src/testing/index.js';
import type { GeneratedPopulation } from './generated.js';
import { GeneratedUsers } from './generated.js';
import { Grants } from './grants.js';
import type { ImportJob } from './import-jobs.js';
import { Population } from './population.js';
import type { Random } from './random.js';
import { randomFrom, seedOf } from './random.js';
import { schemaWith } from './schema.js';
import type { PoolTriggers } from './triggers.js';
import type { SimulatedUser, UserInput } from './users.js';
import { userFrom } from './users.js';

/** How a pool's ListUsers misbehaves. Shares are of pages, 0 to 1. */
export interface ListingFaults {
  /** Pages without users that still carry a token. */
  emptyPages?: number;
  /** Pages with fewer users than asked for. */
  shortPages?: number;
  /** Pages that begin with users of the page before. */
  repeats?: number;
  /** @defaultValue an hour */
  tokenLifetimeMs?: number;
  /** As some emulators: all that is left in one answer. */
  ignoreLimit?: boolean;
  ignoreFilter?: boolean;
  /** As some emulators: every user in one answer, every time. */
  ignorePaging?: boolean;
}

export interface SimulatedGroup extends Omit<GroupType, 'GroupName' | 'CreationDate' | 'LastModifiedDate'> {
  readonly name: string;
  readonly createdAt: number;
  readonly members: Set<string>;
}

export interface GroupInput extends Omit<GroupType, 'CreationDate' | 'LastModifiedDate'> {
  GroupName: string;
  members?: readonly string[];
}

/** A live session as AdminListUserSessions returns it. */
interface SessionInput extends Omit<SessionDescriptionType, 'LastActiveDate' | 'CreateDate'> {
  /** @defaultValue now */
  LastActiveDate?: Date;
}

/** What DescribeUserPool answers, besides what the pool knows itself. */
export type PoolSettings = Omit<UserPoolType, 'SchemaAttributes' | 'EstimatedNumberOfUsers'>;

export interface PoolOptions {
  id: string;
  users?: readonly UserInput[];
  generated?: GeneratedPopulation;
  /** Laid over the settings of a plain pool. */
  settings?: PoolSettings;
  /** `'legacy_sub'` is a mutable string attribute `custom:legacy_sub`. @defaultValue none */
  customAttributes?: readonly (string | SchemaAttributeType)[];
  clients?: readonly (UserPoolClientType & { ClientId: string })[];
  providers?: readonly (IdentityProviderType & { ProviderName: string })[];
  groups?: readonly GroupInput[];
  resourceServers?: readonly ResourceServerType[];
  /** What GetUserPoolMfaConfig answers. */
  mfaConfig?: Record<string, unknown>;
  listing?: ListingFaults;
  /** The live sessions of users, by username, of a pool that tracks them. @defaultValue sessions are not tracked */
  sessions?: Readonly<Record<string, readonly SessionInput[]>>;
  /** Operations the caller has no permission for. */
  deny?: readonly string[];
  /** A replica of another Region's pool, which refuses writes. */
  replica?: boolean;
  /** The account the pool is in; quotas are shared within it. @defaultValue '111111111111' */
  account?: string;
  /** Access key ids that reach this pool; to others it does not exist. @defaultValue all */
  accessKeys?: readonly string[];
  /** Whether admin calls take a sub for the username too, as Cognito does. @defaultValue false */
  acceptSub?: boolean;
  /** Lambda functions that it calls. */
  triggers?: PoolTriggers;
  /** How long a function may take. @defaultValue 5 000 */
  triggerLimitMs?: number;
  /** Signs its tokens, so that a verifier accepts them; access tokens then have to be signed. `id` is that pool's. @defaultValue unsigned */
  signer?: TestPool;
  /** Whether MFA is asked for after custom authentication too. @defaultValue false */
  mfaAfterCustomAuth?: boolean;
}

/** A custom authentication under way. */
export interface CustomSignIn {
  readonly username: string;
  readonly clientId: string;
  readonly isUnknown: boolean;
  readonly rounds: readonly object[];
  readonly privateParameters: Readonly<Record<string, string>>;
  readonly metadata: string | undefined;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** One write as it was carried out. A value of `null` was removed. */
export interface JournalEntry {
  at: number;
  operation: string;
  username: string;
  attributes: Readonly<Record<string, string | null>>;
}

export class SimulatedPool {
  readonly id: string;
  readonly options: PoolOptions;
  readonly account: string;
  readonly region: string;
  readonly users: Population;
  readonly settings: PoolSettings;
  readonly schema: SchemaAttributeType[];
  readonly clients: Map<string, UserPoolClientType>;
  readonly providers: Map<string, IdentityProviderType>;
  readonly groups = new Map<string, SimulatedGroup>();
  readonly importJobs = new Map<string, ImportJob>();
  readonly journal: JournalEntry[] = [];
  readonly grants: Grants;
  /** By `Session`. */
  readonly customSignIns = new Map<string, CustomSignIn>();
  readonly random: Random;
  readonly now: () => number;
  listing: ListingFaults;

  constructor(options: PoolOptions, seed: number, now: () => number) {
    this.id = options.id;
    this.options = options;
    this.account = options.account ?? '111111111111';
    this.region = options.id.split('_', 1)[0] ?? '';
    this.now = now;
    this.random = randomFrom(seedOf(options.id, seed));
    const { generated } = options;
    this.users = new Population(generated && new GeneratedUsers(options.id, generated, seed));
    for (const user of options.users ?? []) this.addUser(user);
    this.settings = { ...plainSettings(this), ...options.settings };
    this.schema = schemaWith(options.customAttributes ?? []);
    this.clients = new Map(options.clients?.map((client) => [client.ClientId, { UserPoolId: this.id, ...client }]));
    this.providers = new Map(options.providers?.map((one) => [one.ProviderName, { UserPoolId: this.id, ...one }]));
    for (const group of options.groups ?? []) this.addGroup(group);
    this.listing = options.listing ?? {};
    this.grants = new Grants(this);
  }

  get nowSeconds(): number {
    return Math.round(this.now()) / 1000;
  }

  /** The user with this exact username. */
  user(username: string): SimulatedUser | undefined {
    return this.users.find(username);
  }

  addUser(input: UserInput): SimulatedUser {
    const user = userFrom(input, this.random, this.nowSeconds);
    this.users.add(user);
    return user;
  }

  deleteUser(username: string): boolean {
    for (const group of this.groups.values()) group.members.delete(username);
    return this.users.delete(username);
  }

  /** Sets an attribute past every check and quota, as something outside the test's own calls would; `null` removes it. */
  setAttribute(username: string, name: string, value: string | null): void {
    this.write('(test)', username, { [name]: value });
  }

  /** Stores attributes and journals the write. */
  write(operation: string, username: string, attributes: Readonly<Record<string, string | null>>): void {
    const user = this.users.edit(username);
    if (user === undefined) throw new Error(`${this.id} has no user ${username}`);
    for (const [name, value] of Object.entries(attributes)) {
      if (value === null || value === '') delete user.attributes[name];
      else user.attributes[name] = value;
    }
    user.modifiedAt = this.nowSeconds;
    this.record(operation, username, attributes);
  }

  record(operation: string, username: string, attributes: JournalEntry['attributes']): void {
    this.journal.push({ at: this.now(), operation, username, attributes });
  }

  addGroup({ GroupName: name, members = [], ...group }: GroupInput): void {
    this.groups.set(name, { ...group, name, createdAt: this.nowSeconds, members: new Set(members) });
  }
}

function plainSettings({ id, account, region }: SimulatedPool): PoolSettings {
  return {
    Id: id,
    Name: id,
    Arn: `arn:aws:cognito-idp:${region}:${account}:userpool/${id}`,
    Policies: {
      PasswordPolicy: {
        MinimumLength: 8,
        RequireUppercase: true,
        RequireLowercase: true,
        RequireNumbers: true,
        RequireSymbols: true,
        TemporaryPasswordValidityDays: 7,
      },
      SignInPolicy: { AllowedFirstAuthFactors: ['PASSWORD'] },
    },
    CreationDate: new Date('2020-01-01T00:00:00Z'),
    LastModifiedDate: new Date('2020-01-01T00:00:00Z'),
    DeletionProtection: 'ACTIVE',
    LambdaConfig: {},
    AutoVerifiedAttributes: ['email'],
    MfaConfiguration: 'OFF',
    EmailConfiguration: { EmailSendingAccount: 'COGNITO_DEFAULT' },
    UserPoolTags: {},
    AdminCreateUserConfig: { AllowAdminCreateUserOnly: false, UnusedAccountValidityDays: 7 },
    UsernameConfiguration: { CaseSensitive: false },
    AccountRecoverySetting: { RecoveryMechanisms: [{ Priority: 1, Name: 'verified_email' }] },
    UserPoolTier: 'ESSENTIALS',
  };
}

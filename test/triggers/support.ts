import { randomUUID } from 'node:crypto';
import type { UserMigrationTriggerEvent } from 'aws-lambda';
import { beforeEach } from 'vitest';
import type {
  LegacyPoolGateway,
  LegacySignIn,
  LegacyUser,
  MfaConfiguration,
  NewPoolDescription,
  NewPoolGateway,
  PoolUser,
  SearchField,
} from '../../src/directory/lambda/trigger-pools.js';

export const LEGACY_POOL = 'eu-west-1_Legacy123';
export const NEW_POOL = 'eu-west-1_New456789';

export interface MemberInput {
  readonly username: string;
  readonly password?: string;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly status?: string;
  readonly enabled?: boolean;
  readonly factors?: readonly string[];
  readonly groups?: readonly string[];
  /** Answered to the right password instead of a sign-in. */
  readonly challenge?: string;
}

interface Member extends LegacyUser {
  attributes: Record<string, string>;
  readonly sub: string;
  readonly password: string | undefined;
  readonly groups: string[];
  readonly challenge: string | undefined;
}

/** A user pool in memory, seen as the triggers see it. */
export class MemoryPool implements LegacyPoolGateway, NewPoolGateway {
  readonly userPoolId: string;
  readonly members: Member[] = [];
  /** Every call, as `method argument …`. */
  readonly calls: string[] = [];
  description: NewPoolDescription = {
    attributes: [
      { name: 'sub', required: true },
      ...['email', 'email_verified', 'phone_number', 'phone_number_verified', 'given_name', 'preferred_username'].map(
        (name) => ({ name, required: false }),
      ),
      { name: 'custom:plan', required: false, maxLength: 8 },
      { name: 'custom:legacy_sub', required: false, minLength: 1, maxLength: 36 },
    ],
    aliasAttributes: [],
    requiresMfa: false,
  };
  groupNames = ['staff', 'admins'];
  mfa: MfaConfiguration = 'OPTIONAL';
  smsMfa = true;
  /** What the methods named here do instead of answering. */
  faults: Partial<Record<keyof LegacyPoolGateway | keyof NewPoolGateway, () => Promise<never>>> = {};

  constructor(userPoolId: string) {
    this.userPoolId = userPoolId;
  }

  add(input: MemberInput): Member {
    const sub = input.attributes?.['sub'] ?? randomUUID();
    const member: Member = {
      username: input.username,
      sub,
      attributes: { ...input.attributes, sub },
      status: input.status ?? 'CONFIRMED',
      enabled: input.enabled ?? true,
      factors: input.factors ?? [],
      password: input.password,
      groups: [...(input.groups ?? [])],
      challenge: input.challenge,
    };
    this.members.push(member);
    return member;
  }

  async signIn(username: string, password: string): Promise<LegacySignIn> {
    await this.#called('signIn', username);
    const user = this.#named(username);
    if (user?.status === 'RESET_REQUIRED') return { outcome: 'reset-required' };
    if (user === undefined || !user.enabled || user.password !== password) return { outcome: 'refused' };
    if (user.status === 'UNCONFIRMED') return { outcome: 'unconfirmed' };
    if (user.challenge !== undefined) return { outcome: 'challenge', challenge: user.challenge };
    return { outcome: 'signed-in', sub: user.sub };
  }

  async getUser(username: string): Promise<LegacyUser | undefined> {
    await this.#called('getUser', username);
    return this.#named(username);
  }

  async findUsers(field: SearchField, value: string): Promise<readonly PoolUser[]> {
    await this.#called('findUsers', field, value);
    return this.members.filter((user) => (field === 'username' ? user.username : user.attributes[field]) === value);
  }

  async groupsOf(username: string): Promise<readonly string[]> {
    await this.#called('groupsOf', username);
    return this.members.find((user) => user.username === username)?.groups ?? [];
  }

  async mfaConfiguration(): Promise<MfaConfiguration> {
    await this.#called('mfaConfiguration');
    return this.mfa;
  }

  async offersSmsMfa(): Promise<boolean> {
    await this.#called('offersSmsMfa');
    return this.smsMfa;
  }

  async describe(): Promise<NewPoolDescription> {
    await this.#called('describe');
    return this.description;
  }

  async setAttribute(username: string, name: string, value: string): Promise<void> {
    await this.#called('setAttribute', username, name, value);
    const user = this.members.find((one) => one.username === username);
    if (user !== undefined) user.attributes[name] = value;
  }

  async disableUser(username: string): Promise<void> {
    await this.#called('disableUser', username);
    const index = this.members.findIndex((one) => one.username === username);
    const user = this.members[index];
    if (user !== undefined) this.members[index] = { ...user, enabled: false };
  }

  async addToGroup(username: string, group: string): Promise<boolean> {
    await this.#called('addToGroup', username, group);
    if (!this.groupNames.includes(group)) return false;
    const groups = this.members.find((one) => one.username === username)?.groups;
    if (groups !== undefined && !groups.includes(group)) groups.push(group);
    return true;
  }

  /** By username, `sub`, e-mail or phone number, as Cognito signs people in. */
  #named(name: string): Member | undefined {
    return this.members.find(({ username, attributes }) =>
      [username, attributes['sub'], attributes['email'], attributes['phone_number']].includes(name),
    );
  }

  async #called(method: keyof LegacyPoolGateway | keyof NewPoolGateway, ...args: readonly string[]): Promise<void> {
    this.calls.push([method, ...args].join(' '));
    await this.faults[method]?.();
  }
}

/** A legacy and a new pool, which are new before every test. */
export function freshPools() {
  const pools = { legacyPool: new MemoryPool(LEGACY_POOL), newPool: new MemoryPool(NEW_POOL) };
  beforeEach(() => {
    pools.legacyPool = new MemoryPool(LEGACY_POOL);
    pools.newPool = new MemoryPool(NEW_POOL);
  });
  return pools;
}

export function fails(error: unknown): () => Promise<never> {
  return async () => {
    throw error;
  };
}

/** An answer that never comes. */
export function hangs(): () => Promise<never> {
  return () => new Promise<never>(() => {});
}

/** What every event shares. */
export function eventBase(triggerSource: string, userName: string) {
  return {
    version: '1',
    region: 'eu-west-1',
    userPoolId: NEW_POOL,
    triggerSource,
    userName,
    callerContext: { awsSdkVersion: 'aws-sdk-unknown-unknown', clientId: 'client' },
  };
}

export const PASSWORD = 'Correct-Horse-1';

/** A legacy user with a verified address. */
export const ANNA: MemberInput = {
  username: 'anna',
  password: PASSWORD,
  attributes: { email: 'anna@example.com', email_verified: 'true', given_name: 'Anna' },
};

/** As Cognito sends it. */
export function signInEvent(userName: string, password = PASSWORD): UserMigrationTriggerEvent {
  return {
    ...eventBase('UserMigration_Authentication', userName),
    triggerSource: 'UserMigration_Authentication',
    request: { password, validationData: {} },
    response: { userAttributes: {}, desiredDeliveryMediums: [] },
  };
}

export function forgotPasswordEvent(userName: string): UserMigrationTriggerEvent {
  return { ...signInEvent(userName, ''), triggerSource: 'UserMigration_ForgotPassword' };
}

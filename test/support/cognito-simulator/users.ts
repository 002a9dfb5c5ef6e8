import type { Random } from './random.js';
import { randomUuid } from './random.js';

export type UserStatus =
  | 'CONFIRMED'
  | 'UNCONFIRMED'
  | 'EXTERNAL_PROVIDER'
  | 'RESET_REQUIRED'
  | 'FORCE_CHANGE_PASSWORD'
  | 'ARCHIVED'
  | 'UNKNOWN';

type MfaKind = 'SMS_MFA' | 'SOFTWARE_TOKEN_MFA' | 'EMAIL_OTP';

/** A user as the simulator keeps them. Times are seconds since the epoch, as on the wire. */
export interface SimulatedUser {
  readonly username: string;
  /** Every attribute, `sub` too, in the order in which they are returned. */
  readonly attributes: Record<string, string>;
  readonly createdAt: number;
  modifiedAt: number;
  enabled: boolean;
  status: UserStatus;
  password?: string;
  mfa: readonly MfaKind[];
}

/** A user as a test describes them. */
export interface UserInput {
  username: string;
  /** `undefined`: one is made up; `null`: the user has none. */
  sub?: string | null;
  attributes?: Readonly<Record<string, string>>;
  /** @defaultValue true */
  enabled?: boolean;
  /** @defaultValue 'CONFIRMED' */
  status?: UserStatus;
  password?: string;
  mfa?: readonly MfaKind[];
  createdAt?: number;
  modifiedAt?: number;
}

export function userFrom(input: UserInput, random: Random, nowSeconds: number): SimulatedUser {
  const sub = input.sub === undefined ? randomUuid(random) : input.sub;
  const createdAt = input.createdAt ?? nowSeconds;
  return {
    username: input.username,
    attributes: { ...input.attributes, ...(sub === null ? {} : { sub }) },
    createdAt,
    modifiedAt: input.modifiedAt ?? createdAt,
    enabled: input.enabled ?? true,
    status: input.status ?? 'CONFIRMED',
    ...(input.password === undefined ? {} : { password: input.password }),
    mfa: input.mfa ?? [],
  };
}

export interface WireAttribute {
  Name: string;
  Value: string;
}

export function wireAttributes(user: SimulatedUser): WireAttribute[] {
  const list: WireAttribute[] = [];
  for (const name in user.attributes) list.push({ Name: name, Value: user.attributes[name]! });
  return list;
}

/** The user in the shape of ListUsers, ListUsersInGroup and AdminCreateUser. */
export function wireUser(user: SimulatedUser) {
  return {
    Username: user.username,
    Attributes: wireAttributes(user),
    UserCreateDate: user.createdAt,
    UserLastModifiedDate: user.modifiedAt,
    Enabled: user.enabled,
    UserStatus: user.status,
  };
}

/** Settings as they are on the wire, where a time is seconds since the epoch. */
export function wireTimes(settings: object): object {
  const entries = Object.entries(settings);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, value instanceof Date ? value.getTime() / 1000 : value]),
  );
}

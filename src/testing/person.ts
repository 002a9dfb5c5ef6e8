import { randomUUID } from 'node:crypto';
import { DEFAULT_ACCESS_TOKEN_CLAIM, DEFAULT_ATTRIBUTE } from '../users/legacy-id-names.js';
import type { TestPool } from './pool.js';
import type { AccessTokenInput, IdTokenInput } from './token-claims.js';

/** One person's account in one pool. */
export interface TestUser {
  readonly sub: string;
  readonly username: string;
  readonly email: string;
  /** An ID token of this account; in the new pool with `custom:legacy_sub` once the person is mapped. */
  idToken(claims?: IdTokenInput): string;
  /** An access token of this account; in the new pool with `legacy_sub` once the person is mapped. */
  accessToken(claims?: AccessTokenInput): string;
}

/** One person with an account in both pools. */
export interface TestPerson {
  /** What a verifier must answer for both accounts: the `sub` of the legacy pool. */
  readonly userId: string;
  readonly legacy: TestUser;
  readonly new: TestUser;
}

/** Options of `person` of the test pools. */
export interface PersonOptions {
  /** The username in both pools. @defaultValue a new one */
  readonly username?: string;
  /** @defaultValue the username at `example.com` */
  readonly email?: string;
  /** Whether the new account carries the legacy id. @defaultValue true */
  readonly mapped?: boolean;
}

export function makePerson(legacyPool: TestPool, newPool: TestPool, options: PersonOptions): TestPerson {
  const { username = `user-${randomUUID().slice(0, 8)}`, mapped = true } = options;
  const email = options.email ?? `${username}@example.com`;
  const userId = randomUUID();
  return {
    userId,
    legacy: makeUser(legacyPool, { sub: userId, username, email }, {}, {}),
    new: makeUser(
      newPool,
      { sub: randomUUID(), username, email },
      mapped ? { [DEFAULT_ATTRIBUTE]: userId } : {},
      mapped ? { [DEFAULT_ACCESS_TOKEN_CLAIM]: userId } : {},
    ),
  };
}

function makeUser(
  pool: TestPool,
  account: Pick<TestUser, 'sub' | 'username' | 'email'>,
  idClaims: IdTokenInput,
  accessClaims: AccessTokenInput,
): TestUser {
  const { sub, username, email } = account;
  return {
    ...account,
    idToken: (claims) => pool.idToken({ sub, 'cognito:username': username, email, ...idClaims, ...claims }),
    accessToken: (claims) => pool.accessToken({ sub, username, ...accessClaims, ...claims }),
  };
}

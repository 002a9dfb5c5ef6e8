import { createHash } from 'node:crypto';
import { isTokenRefused } from '../directory/failures.js';
import {
  createUserReader,
  USER_READER_KEYS,
  type UserReader,
  type UserReaderOptions,
} from '../directory/user-reader.js';
import { checkKeys, checkString } from '../options.js';
import { DEFAULT_ATTRIBUTE } from '../users/legacy-id-names.js';
import { type CachedOptions, cached } from './cached.js';
import { type GuardOptions, guarded } from './guarded.js';
import { RecentMap } from './recent-map.js';
import { inFrontOf, type LegacyIdQuery, type LegacyIdResolver, unavailable } from './resolver.js';

/** Options of {@link adminGetUserResolver} and {@link getUserResolver}. */
export interface CognitoResolverOptions extends UserReaderOptions {
  /** Attribute of the new pool's users that holds the legacy id. @defaultValue `custom:legacy_sub` */
  readonly attribute?: string;
  /** How long answers are remembered. */
  readonly cache?: CachedOptions;
  /**
   * Limits on what this process asks of the pool, whose read quota (120 calls per second in the account and Region, if not
   * raised) it shares with everything else there.
   * @defaultValue those of `guarded`, and 20 lookups per second
   */
  readonly guard?: Omit<GuardOptions, 'isOutage'>;
}

const MAX_PER_SECOND = 20;
const OWN_RIGHTS_SCOPE = 'aws.cognito.signin.user.admin';
const REFUSED_TOKENS = 10_000;

/**
 * Reads the legacy id from the user's attribute with AdminGetUser, cached and guarded. Needs the IAM permission
 * `cognito-idp:AdminGetUser` on the new pool.
 *
 * AdminGetUser makes a user monthly active. A user whose token is verified has signed in or refreshed within the token's
 * lifetime, so is active already, except in the first hours of a month.
 *
 * @throws `ConfigurationError` for wrong options
 */
export function adminGetUserResolver(options: CognitoResolverOptions): LegacyIdResolver {
  return resolverOf(options, {}, (reader, { username, sub, signal }) => reader.byUsername(username ?? sub, signal));
}

/**
 * Reads the legacy id from the user's attribute with GetUser and the user's own access token, cached and guarded. Needs no
 * AWS credentials.
 *
 * Works only for access tokens with the scope `aws.cognito.signin.user.admin`: those of the sign-in APIs have it, those of
 * managed login only where the app asks for it. For any other token it rejects, which is answered with 503: it must not
 * report users as unmapped whom it cannot look up. So put it last in a chain, or leave it out where such tokens are used.
 *
 * Every app client must be allowed to read the attribute. GetUser leaves out what the client may not read, so a mapped user
 * of such a client looks unmapped; `cognito-cutover assess` finds those clients.
 *
 * @throws `ConfigurationError` for wrong options
 */
export function getUserResolver(options: CognitoResolverOptions): LegacyIdResolver {
  const refused = new RecentMap<true>(REFUSED_TOKENS);
  // A token that was refused once stays refused. Asking again would only use up the user's and the pool's quota.
  const read: Read = async (reader, { token, signal }) => {
    const key = createHash('sha256').update(token).digest('base64');
    if (refused.get(key)) throw new TokenRefused('the token was refused before');
    try {
      return await reader.byAccessToken(token, signal);
    } catch (error) {
      if (!isTokenRefused(error)) throw error;
      refused.set(key, true);
      throw new TokenRefused('the user pool refused the token', { cause: error });
    }
  };
  const resolve = resolverOf(options, { isOutage: (error) => !(error instanceof TokenRefused) }, read);
  return inFrontOf([resolve], (query) => {
    if (query.tokenUse === 'access' && query.scopes.includes(OWN_RIGHTS_SCOPE)) return resolve(query);
    throw unavailable(new Error(`the lookup needs an access token with the scope ${OWN_RIGHTS_SCOPE}`));
  });
}

/** A fault of one token, and not of the pool. */
class TokenRefused extends Error {
  override readonly name = 'TokenRefused';
}

type Read = (reader: UserReader, query: LegacyIdQuery) => ReturnType<UserReader['byUsername']>;

function resolverOf(options: CognitoResolverOptions, guard: GuardOptions, read: Read): LegacyIdResolver {
  checkKeys('', options, [...USER_READER_KEYS, 'attribute', 'cache', 'guard']);
  const reader = createUserReader(options);
  const attribute = checkString('attribute', options.attribute ?? DEFAULT_ATTRIBUTE);

  const lookUp: LegacyIdResolver = async (query) => {
    const attributes = await read(reader, query);
    if (attributes === undefined) return undefined;
    const { sub } = attributes;
    if (sub === undefined) throw new TypeError('the user pool answered without a sub');
    // Another sub: the user was deleted, and somebody else has the username now.
    return sub === query.sub ? attributes[attribute] || undefined : undefined;
  };
  const { maxPerSecond = MAX_PER_SECOND, ...limits } = options.guard ?? {};
  const resolve = cached(guarded(lookUp, { ...limits, maxPerSecond, ...guard }), options.cache);
  return inFrontOf([resolve], (query) => {
    if (query.userPoolId === options.userPoolId) return resolve(query);
    throw unavailable(new Error('the token belongs to another user pool than the one that this resolver reads'));
  });
}

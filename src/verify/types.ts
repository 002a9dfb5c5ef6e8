import type { JsonWebKeyInput } from 'node:crypto';
import type { Clock } from '../clock.js';
import type { PoolSide } from '../errors.js';
import type { LegacyIdResolver } from '../legacy-id/resolver.js';
import type { EventListener } from '../operate/events.js';
import type { LegacyTokenPhases } from '../operate/phases/legacy-window.js';

/** A JSON Web Key Set as a pool publishes it, RFC 7517 section 5. */
export interface JsonWebKeySet {
  // The type of a key itself has another name in later versions of `@types/node`.
  readonly keys: readonly (JsonWebKeyInput['key'] & { readonly kid?: string })[];
}

/** Which of a pool's tokens are accepted. */
export type TokenUse = 'access' | 'id' | 'any';

/** One user pool whose tokens are accepted. */
export interface PoolOptions {
  /** The pool's id, `{region}_{letters and digits}`. Any other id, such as an emulator's, needs `issuers`. */
  readonly userPoolId: string;
  /** App clients whose tokens are accepted from this pool only; `null` accepts any client of the pool. */
  readonly clientIds: readonly string[] | null;
  /**
   * Trusted `iss` values.
   * @defaultValue both forms Cognito documents: `https://cognito-idp.…` and `https://issuer-cognito-idp.…`
   */
  readonly issuers?: readonly string[];
  /**
   * Where the keys are: https, or http on loopback. Never taken from a token.
   * @defaultValue `{first issuer}/.well-known/jwks.json`
   */
  readonly jwksUri?: string;
  /** Keys known up front. Without a `jwksUri` beside them they are used for ever, and nothing is fetched. */
  readonly jwks?: JsonWebKeySet;
  /** `{ newClientId: legacyClientId }`: what `identity.clientId` reports. Default: none. */
  readonly clientAliases?: Readonly<Record<string, string>>;
  /**
   * The API's own names: access tokens must carry one of them in `aud`. Not checked for ID tokens. `null`: not checked at
   * all.
   * @defaultValue `null`
   * @see RFC 8707 section 2, and https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-define-resource-servers.html
   */
  readonly audience?: string | readonly string[] | null;
  /** Overrides {@link VerifierOptions.tokenUse} for this pool. Default: none. */
  readonly tokenUse?: TokenUse;
}

/** Where the legacy id is found for tokens of the new pool. */
export interface LegacyIdOptions {
  /** Claim of ID tokens. @defaultValue `custom:legacy_sub` */
  readonly idTokenClaim?: string;
  /** Claim of access tokens, put there by the pre-token-generation trigger. @defaultValue `legacy_sub` */
  readonly accessTokenClaim?: string;
  /**
   * What a legacy id looks like; `null` accepts any non-empty string. A UUID is returned in lower case, however it was written.
   * @defaultValue `'uuid'`
   */
  readonly format?: 'uuid' | RegExp | null;
  /** Asked when a new-pool user's token carries no legacy id. Default: none. */
  readonly resolve?: LegacyIdResolver;
  /** How long `resolve` may take before `ERR_LEGACY_ID_UNAVAILABLE`, in milliseconds, 1 to 60 000. @defaultValue 3000 */
  readonly resolveTimeoutMs?: number;
  /**
   * How long an identity that `resolve` found is served from the token cache before `resolve` is asked again, in seconds,
   * 0 to 86 400: a mapping that was wrong and is corrected is in use after that time, or at once after `verifier.forget()`.
   * @defaultValue 300
   */
  readonly resolvedSeconds?: number;
  /** What happens to users for whom neither the claim nor `resolve` gives a legacy id. @defaultValue `'reject'` */
  readonly onMissing?: 'reject' | 'own-sub';
}

/** Which tokens of the legacy pool are still accepted, by date. */
export interface LegacyTokenOptions {
  /** Legacy-pool tokens are refused after it. A function is called for every token. Default: never. */
  readonly acceptUntil?: Date | (() => Date);
  /**
   * Legacy-pool tokens whose `auth_time` is later, or absent, are refused. Machine tokens are not: nobody signs in for them,
   * but `acceptUntil` ends them too. A function is called for every token. Default: none.
   */
  readonly acceptSignInsBefore?: Date | (() => Date);
}

/** How the keys of each pool are fetched and kept. */
export interface KeyOptions {
  /**
   * Fetches a JWKS document, of which at most 64 KiB are accepted. Must not follow redirects, and should honour `signal`.
   * @defaultValue Node's own http(s) client
   */
  readonly fetch?: JwksFetch;
  /** Time limit of one fetch in milliseconds, 1 to 60 000. @defaultValue 3000 */
  readonly timeoutMs?: number;
  /**
   * Age at which a key set is fetched again, in the background, 1 to 86 400; up to a tenth earlier, at random, so that a fleet does not
   * ask at the same moment. In AWS Lambda it is awaited.
   * @defaultValue 3600
   */
  readonly refreshSeconds?: number;
  /** Age up to which the last good key set serves when the pool's endpoint fails. @defaultValue 86400 */
  readonly maxStaleSeconds?: number;
  /** Least time between two fetches caused by unknown `kid`s, 1 to 3600. @defaultValue 30 */
  readonly cooldownSeconds?: number;
}

/** The needed part of a response; the `Response` of the Fetch standard fits. */
export interface JwksResponse {
  readonly status: number;
  text(): Promise<string>;
}

/** The `fetch` of the Fetch standard fits, for example one that uses a proxy. Only responses with status 200 are read. */
export type JwksFetch = (
  uri: string,
  init: { readonly signal: AbortSignal; readonly redirect: 'error'; readonly headers: { readonly accept: string } },
) => Promise<JwksResponse>;

/** Options of `createCutoverVerifier`. */
export interface VerifierOptions {
  /** The pool being left, or several. None (left out, or `[]`) is how the move ends. Default: none. */
  readonly legacyPool?: PoolOptions | readonly PoolOptions[];
  /** The pool being moved to. */
  readonly newPool: PoolOptions;
  /** Which tokens are accepted. Required, so that no API accepts both kinds by accident. */
  readonly tokenUse: TokenUse;
  /** Where the legacy id of users of the new pool is found. @defaultValue the claims that triggers and the attribute fill */
  readonly legacyId?: LegacyIdOptions;
  /** Fixed dates, or `createPhases(…)`, which follows a plan without a restart. */
  readonly legacyTokens?: LegacyTokenOptions | LegacyTokenPhases;
  /**
   * Asked at every use of a verified token, cached ones included: for a denylist by `origin_jti`, or a rule about the age of
   * the sign-in. `false` accepts, `true` refuses. An exception, any other answer, and no answer within 3 seconds refuse with
   * `ERR_REVOCATION_UNAVAILABLE`. Default: none.
   */
  readonly isRevoked?: (identity: CutoverIdentity) => boolean | PromiseLike<boolean>;
  /** Tolerated difference between clocks, in seconds, 0 to 300. @defaultValue 5 */
  readonly clockToleranceSeconds?: number;
  /** Cache of verified tokens; `false` verifies each token again. @defaultValue `{ maxTokens: 10_000 }` */
  readonly cache?: { readonly maxTokens?: number } | false;
  /** How the keys of the pools are fetched and kept. */
  readonly keys?: KeyOptions;
  /**
   * The source of time. The time limits of fetches and lookups use real time all the same.
   * @defaultValue the system's clock
   */
  readonly clock?: Pick<Clock, 'now' | 'monotonic'>;
  /**
   * Called with every decision, every fetch of keys and every question to `legacyId.resolve`; also with what entry points such as
   * `cutoverAuth` decide with this verifier. Its exceptions and rejections are ignored. The same events are on the channels
   * `cognito-cutover:decision`, `cognito-cutover:keys` and `cognito-cutover:resolver` of `node:diagnostics_channel`. Default: none.
   */
  readonly onEvent?: EventListener;
}

/** Who a token belongs to. Frozen, arrays and claims included; many callers may share one object. */
export interface CutoverIdentity {
  /** The identifier the application already stores: the legacy id. For a machine token, the client id. */
  readonly userId: string;
  /** Where `userId` came from. */
  readonly userIdSource: 'sub' | 'claim' | 'resolver' | 'own-sub' | 'client';
  readonly pool: PoolSide;
  readonly userPoolId: string;
  readonly kind: 'user' | 'machine';
  /** `sub` of the token itself, in the pool that signed it. */
  readonly sub: string;
  readonly username?: string;
  /** The app client, after `clientAliases`. */
  readonly clientId: string;
  readonly tokenUse: 'access' | 'id';
  readonly groups: readonly string[];
  /** Of an access token. Empty for an ID token, also where a trigger has put a `scope` into it. */
  readonly scopes: readonly string[];
  /** Seconds since the epoch. */
  readonly issuedAt: number;
  /** Seconds since the epoch. */
  readonly expiresAt: number;
  /** When the user signed in, seconds since the epoch. A refreshed token keeps it. */
  readonly authTime?: number;
  /** The whole payload. */
  readonly claims: Readonly<Record<string, unknown>>;
}

/** The state of the keys of one pool. */
export interface PoolStatus {
  readonly pool: PoolSide;
  readonly userPoolId: string;
  /** Whether tokens of this pool are accepted now: `refused` once it is closed, `unknown` where the phase is not known yet. */
  readonly tokens: 'accepted' | 'refused' | 'unknown';
  /** `fresh`: younger than `refreshSeconds`. `stale`: older, still served. `missing`: none that may be used. */
  readonly keys: 'fresh' | 'stale' | 'missing';
  /** When the present keys were fetched, or given as `jwks`. */
  readonly fetchedAt?: Date;
  /** After a failure: the earliest moment of the next try. */
  readonly nextTryAt?: Date;
}

/** What `hydrate()` found for one pool. */
export interface HydrateResult {
  readonly pool: PoolSide;
  readonly userPoolId: string;
  /** True where there are keys to verify tokens with, or none are needed. */
  readonly ok: boolean;
  /** Present when `ok` is false. */
  readonly error?: Error;
}

/** Verifies tokens of both pools. */
export interface CutoverVerifier {
  /** What was given as `legacyTokens`, where `createPhases` made it. */
  readonly phases?: LegacyTokenPhases;
  /**
   * Verifies a token, and answers who it belongs to.
   * @throws {@link CutoverError} with the code of the first rule the token breaks
   */
  verify(token: string): Promise<CutoverIdentity>;
  /**
   * The same without waiting. Needs the keys to be loaded, and the token to need no resolver.
   * @throws {@link CutoverError}; `ERR_KEYS_UNAVAILABLE`, `ERR_LEGACY_ID_UNAVAILABLE` or `ERR_REVOCATION_UNAVAILABLE` where
   * `verify` would have to wait
   */
  verifySync(token: string): CutoverIdentity;
  /**
   * As `verify`, but answers without a promise where there is nothing to wait for, as for most tokens. Throws or rejects
   * with the same errors.
   */
  verifyEagerly(token: string): CutoverIdentity | Promise<CutoverIdentity>;
  /**
   * Loads the missing keys of every pool, and starts the refreshes that are due. Keys of a closed legacy pool are not
   * loaded; with `createPhases`, its first answer is waited for. Costs nothing while the keys are fresh, waits only for missing keys, and respects the backoff after a failure: a
   * readiness check may call it every few seconds.
   * @throws {@link AggregateError} when every pool failed, with one error per pool
   */
  hydrate(): Promise<readonly HydrateResult[]>;
  /** The state of the keys of each pool. Loads nothing: for readiness, see {@link CutoverVerifier.hydrate}. */
  status(): readonly PoolStatus[];
  /**
   * Removes the cached identities of one user, or of all users. To be called after a mapping was corrected. `sub` is the
   * user's in the new pool, or the legacy id that was cached. Also calls the resolver's own `forget`, which `cached` has.
   */
  forget(sub?: string): void;
  /**
   * Fetches the keys of every pool now, however fresh they are. To be called after a key was withdrawn.
   * @throws {@link AggregateError} when every pool failed, with one error per pool
   */
  refresh(): Promise<readonly HydrateResult[]>;
  /** Ends background work. Tokens can no longer be verified with keys that would have to be fetched. */
  close(): void;
}

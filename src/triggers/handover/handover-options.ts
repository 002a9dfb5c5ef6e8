import type { PoolConnection } from '../../directory/lambda/pool-client.js';
import { createSessionGateway, type SessionGateway } from '../../directory/lambda/session-gateway.js';
import type { LegacyUser, NewPoolGateway } from '../../directory/lambda/trigger-pools.js';
import { ConfigurationError } from '../../errors.js';
import type { OnceStore } from '../../once/once-store.js';
import { checkFunction, checkKeys, checkNumber, checkOneOf, checkString, refuse } from '../../options.js';
import type { CutoverVerifier, PoolOptions, VerifierOptions } from '../../verify/types.js';
import { createLegacyVerifier } from '../../verify/verifier.js';
import { frameOf, type TriggerFrame, type TriggerOptions } from '../frame.js';
import { newPoolsOf } from '../gateways.js';
import { MAPPED_ID_KEYS, type MappedId, type MappedIdOptions, mappedIdOf } from '../mapped-id.js';
import type { RefusedHandover } from './handover-refusal.js';
import { CLOCK_TOLERANCE_SECONDS } from './handover-rules.js';

/** The legacy pool: which of its tokens are accepted, and where it is asked about them. */
export interface HandoverLegacyPool
  extends Pick<PoolOptions, 'userPoolId' | 'clientIds' | 'issuers' | 'jwksUri' | 'jwks'>,
    Pick<PoolConnection, 'region' | 'endpoint'> {}

/** States of new-pool users that may be handed a session. */
const STATUSES = ['CONFIRMED', 'EXTERNAL_PROVIDER', 'RESET_REQUIRED', 'FORCE_CHANGE_PASSWORD'] as const;

/** A handler of the application's own; what Lambda passes to it besides the event is passed on. */
type OwnHandler = (event: never, ...rest: never[]) => unknown;

/** What ends the legacy tokens at your APIs: nobody should be handed over with a token that they refuse. */
type LegacyTokenRules = Pick<VerifierOptions, 'legacyTokens' | 'isRevoked'>;

/** Options of `createSessionHandover`. */
export interface SessionHandoverOptions extends TriggerOptions, MappedIdOptions, LegacyTokenRules {
  /**
   * The legacy pool. List in `clientIds` only app clients of your own: whoever holds one of their access tokens gets a session. No AWS
   * permission is needed, as the pool is asked with the token itself.
   */
  readonly legacyPool: HandoverLegacyPool;
  /** Remembers which tokens were used: `createDynamoDbOnceStore` or `createRedisOnceStore`. If it fails, nobody is handed over. */
  readonly once: OnceStore;
  /**
   * How long ago the user may have signed in at the legacy pool, in seconds, 60 to 315 360 000 (ten years). Refreshing tokens is not a
   * sign-in.
   * @defaultValue 2 592 000 (30 days)
   */
  readonly maxSignInAgeSeconds?: number;
  /**
   * States of new-pool users that may be handed a session. `RESET_REQUIRED` is the state of imported users, and also of those whose password
   * an administrator reset because it was stolen; `FORCE_CHANGE_PASSWORD` that of users whom an administrator created. Add them only if
   * this is what they mean in your pool.
   * @defaultValue `['CONFIRMED', 'EXTERNAL_PROVIDER']`
   */
  readonly statuses?: readonly (typeof STATUSES)[number][];
  /**
   * How the new pool is reached, or a gateway of your own, to ask for the user with AdminGetUser: users who are disabled, and those with a
   * second factor (`secondFactor`), are then refused. `{}` asks the pool that calls, with the function's own role. Default: not asked.
   */
  readonly newPool?: PoolConnection | Pick<NewPoolGateway, 'getUser'>;
  /**
   * Whether users with a second factor in the new pool are handed a session. Cognito probably does not ask for the factor after a custom
   * challenge. `'refuse'` needs `newPool`: otherwise it is not known who has one.
   * @defaultValue `'refuse'` with `newPool`, otherwise `'accept'`
   */
  readonly secondFactor?: 'refuse' | 'accept';
  /** App clients of the new pool that may be handed a session. Default: any client of the pool. */
  readonly clientIds?: readonly string[];
  /**
   * The handlers of your other custom authentication, for all other clients; or another `createSessionHandover(…)`, for clients whose users
   * come from a second legacy pool. They return the event or a promise of it. Needs `clientIds`. Default: none, other clients are refused.
   */
  readonly otherwise?: {
    readonly defineAuthChallenge: OwnHandler;
    readonly createAuthChallenge: OwnHandler;
    readonly verifyAuthChallengeResponse: OwnHandler;
  };
  /** Told why a session was not handed over. It is not awaited, and its exceptions and rejections are ignored. Default: none. */
  readonly onRefused?: (refusal: RefusedHandover) => unknown;
}

/** {@link SessionHandoverOptions}, checked, with the parts made that they describe. */
export interface HandoverSettings {
  readonly frame: TriggerFrame;
  readonly legacyPoolId: string;
  readonly verifier: CutoverVerifier;
  readonly sessions: SessionGateway;
  readonly mappedId: MappedId;
  readonly once: OnceStore;
  readonly maxSignInAgeSeconds: number;
  readonly statuses: readonly (typeof STATUSES)[number][];
  readonly secondFactor: 'refuse' | 'accept';
  /** `undefined` where the new pool is not asked. */
  readonly accountOf:
    | ((caller: Caller, username: string, signal: AbortSignal) => Promise<LegacyUser | undefined>)
    | undefined;
  /** `undefined`: any client. */
  readonly clientIds: ReadonlySet<string> | undefined;
  readonly otherwise: SessionHandoverOptions['otherwise'];
  readonly onRefused: SessionHandoverOptions['onRefused'];
}

interface Caller {
  readonly userPoolId: string;
  readonly region: string;
}

const KEYS = [
  ...MAPPED_ID_KEYS,
  'legacyPool',
  'legacyTokens',
  'isRevoked',
  'once',
  'maxSignInAgeSeconds',
  'statuses',
  'newPool',
  'secondFactor',
  'clientIds',
  'otherwise',
  'onRefused',
] as const;

/** @throws {@link ConfigurationError} */
export function checkHandoverOptions(options: SessionHandoverOptions): HandoverSettings {
  const frame = frameOf(options, KEYS);
  const { once, newPool } = options;
  if (typeof once?.claim !== 'function') refuse('once', 'a store with claim()', once);
  const accountOf = newPool === undefined ? undefined : newPoolsOf(newPool, ['getUser'], frame);
  if (options.secondFactor === 'refuse' && accountOf === undefined) {
    refuse('newPool', 'how the new pool is reached, because secondFactor is refuse', undefined);
  }
  const secondFactor = checkOneOf('secondFactor', options.secondFactor, ['refuse', 'accept'], 'refuse');
  const clientIds = checkClientIds(options.clientIds);
  return {
    frame,
    ...checkLegacyPool(options, frame),
    mappedId: mappedIdOf(options),
    once,
    maxSignInAgeSeconds: checkNumber('maxSignInAgeSeconds', options.maxSignInAgeSeconds, {
      integer: true,
      min: 60,
      max: 315_360_000,
      fallback: 2_592_000,
    }),
    statuses: checkStatuses(options.statuses),
    secondFactor,
    accountOf: accountOf && ((caller, username, signal) => accountOf(caller).getUser(username, signal)),
    clientIds,
    otherwise: checkOtherwise(options.otherwise, clientIds),
    onRefused: checkFunction('onRefused', options.onRefused),
  };
}

function checkLegacyPool(
  { legacyPool: given, legacyTokens, isRevoked }: SessionHandoverOptions,
  { clock }: TriggerFrame,
): Pick<HandoverSettings, 'legacyPoolId' | 'verifier' | 'sessions'> {
  checkKeys('legacyPool', given, ['userPoolId', 'clientIds', 'issuers', 'jwksUri', 'jwks', 'region', 'endpoint']);
  const { region, endpoint, ...pool } = given;
  const verifier = createLegacyVerifier(pool, {
    clock,
    clockToleranceSeconds: CLOCK_TOLERANCE_SECONDS,
    ...(legacyTokens !== undefined && { legacyTokens }),
    ...(isRevoked !== undefined && { isRevoked }),
  });
  const connection = {
    ...(region !== undefined && { region: checkString('legacyPool.region', region) }),
    ...(endpoint !== undefined && { endpoint: checkString('legacyPool.endpoint', endpoint) }),
  };
  return {
    legacyPoolId: pool.userPoolId,
    verifier,
    sessions: createSessionGateway(pool.userPoolId, connection, clock),
  };
}

function checkStatuses(value: SessionHandoverOptions['statuses']): HandoverSettings['statuses'] {
  if (value === undefined) return ['CONFIRMED', 'EXTERNAL_PROVIDER'];
  if (!Array.isArray(value) || value.length === 0) refuse('statuses', 'an array of at least one status', value);
  return value.map((one, index) => checkOneOf(`statuses[${index}]`, one, STATUSES));
}

function checkClientIds(value: SessionHandoverOptions['clientIds']): ReadonlySet<string> | undefined {
  if (value === undefined) return undefined;
  if (!Array.isArray(value) || value.length === 0) refuse('clientIds', 'an array of at least one app client id', value);
  return new Set(value.map((one, index) => checkString(`clientIds[${index}]`, one)));
}

function checkOtherwise(
  value: SessionHandoverOptions['otherwise'],
  clientIds: ReadonlySet<string> | undefined,
): SessionHandoverOptions['otherwise'] {
  if (value === undefined) return undefined;
  if (clientIds === undefined) {
    throw new ConfigurationError('otherwise', 'needs clientIds: without them, every client is handed over');
  }
  const names = ['defineAuthChallenge', 'createAuthChallenge', 'verifyAuthChallengeResponse'] as const;
  // `handler` is what another hand-over has besides.
  checkKeys('otherwise', value, [...names, 'handler']);
  for (const name of names) {
    if (typeof value[name] !== 'function') refuse(`otherwise.${name}`, 'a function', value[name]);
  }
  return value;
}

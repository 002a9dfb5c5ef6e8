import { CutoverError } from '../../src/errors.js';
import type { CutoverIdentity } from '../../src/verify/types.js';
import { checkIdentity, notAnIdentity } from '../core/verifier-source.js';

/**
 * What the integration behind the gateway gets. All values are strings, because REST and WebSocket APIs pass on nothing
 * else.
 */
export interface ApiGatewayAuthorizerContext {
  /** The legacy id. For a machine token, the client id. */
  readonly userId: string;
  readonly kind: 'user' | 'machine';
  readonly pool: 'legacy' | 'new';
  readonly sub: string;
  readonly clientId: string;
  readonly tokenUse: 'access' | 'id';
  /** Separated by spaces, which no scope holds. Absent where `scopesOmitted` is present. */
  readonly scopes?: string;
  /** The scopes do not fit into the answer: nothing is known about them here. */
  readonly scopesOmitted?: 'true';
  /** Separated by spaces, which no group name holds. Absent where `groupsOmitted` is present. */
  readonly groups?: string;
  /** The groups do not fit into the answer: nothing is known about them here. */
  readonly groupsOmitted?: 'true';
  /** When the token expires, seconds since the epoch: a cached answer may outlive it. */
  readonly expiresAt: string;
}

/**
 * The largest answer in bytes of JSON: API Gateway documents 8 KB for the result of an authorizer.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html
 */
const MAX_ANSWER_BYTES = 8_000;

const TEXTS = ['userId', 'kind', 'pool', 'sub', 'clientId', 'tokenUse'] as const;
const LISTS = ['scopes', 'groups'] as const;

/**
 * What a verifier answered, if it is an identity with everything that the context contains.
 * @throws {@link TypeError}
 */
export function checkWholeIdentity(answer: unknown): CutoverIdentity {
  const identity = checkIdentity(answer);
  const isWhole =
    TEXTS.every((name) => typeof identity[name] === 'string' && identity[name] !== '') &&
    LISTS.every((name) => identity[name].every((one) => typeof one === 'string')) &&
    Number.isFinite(identity.expiresAt);
  if (!isWhole) throw notAnIdentity();
  return identity;
}

/** Groups are dropped before scopes: scopes are few, and an API for machines has nothing else. */
const KEPT: readonly (readonly (typeof LISTS)[number][])[] = [['scopes', 'groups'], ['scopes'], ['groups'], []];

/**
 * The first answer that fits. It always contains the identifiers. A list is in it whole or not at all, because a part would
 * look like the whole list.
 *
 * @param answerAround makes the answer around a context
 * @throws {@link CutoverError} `ERR_LEGACY_ID_INVALID` when even the identifiers do not fit
 */
export function answerThatFits<A>(
  identity: CutoverIdentity,
  answerAround: (context: ApiGatewayAuthorizerContext) => A,
): A {
  for (const kept of KEPT) {
    if (kept.some((name) => identity[name].some((one) => one.includes(' ')))) continue;
    const answer = answerAround(contextOf(identity, kept));
    if (Buffer.byteLength(JSON.stringify(answer)) <= MAX_ANSWER_BYTES) return answer;
  }
  const message = 'The identifiers of the user are longer than API Gateway allows.';
  throw new CutoverError('ERR_LEGACY_ID_INVALID', message, { pool: identity.pool });
}

function contextOf(
  { userId, kind, pool, sub, clientId, tokenUse, scopes, groups, expiresAt }: CutoverIdentity,
  kept: readonly string[],
): ApiGatewayAuthorizerContext {
  return {
    userId,
    kind,
    pool,
    sub,
    clientId,
    tokenUse,
    ...(kept.includes('scopes') ? { scopes: scopes.join(' ') } : { scopesOmitted: 'true' }),
    ...(kept.includes('groups') ? { groups: groups.join(' ') } : { groupsOmitted: 'true' }),
    expiresAt: `${expiresAt}`,
  };
}

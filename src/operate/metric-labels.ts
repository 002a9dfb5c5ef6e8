import type { Attributes } from '@opentelemetry/api';
import type { CutoverErrorCode } from '../errors.js';
import type { DecisionEvent } from './events.js';

const NAMES = {
  outcome: 'cognito_cutover.outcome',
  mode: 'cognito_cutover.mode',
  pool: 'cognito_cutover.pool',
  userPoolId: 'cognito_cutover.user_pool.id',
  clientId: 'cognito_cutover.client.id',
  tokenUse: 'cognito_cutover.token.use',
  userIdSource: 'cognito_cutover.user_id.source',
  cached: 'cognito_cutover.token.cached',
  /** Of OpenTelemetry's own: present where something failed or was refused, and only there. */
  code: 'error.type',
} as const;

const FIELDS = Object.keys(NAMES) as (keyof typeof NAMES)[];

/** The attributes of a measurement. What is not known is left out: an exporter would write `undefined` as a word. */
export function labels(known: { readonly [K in keyof typeof NAMES]?: string | boolean | undefined }): Attributes {
  const attributes: Attributes = {};
  for (const field of FIELDS) {
    const value = known[field];
    if (value !== undefined) attributes[NAMES[field]] = value;
  }
  return attributes;
}

/** So many app clients have series of their own. */
export const MAX_CLIENTS = 100;

/** Stands for every further one, as OpenTelemetry's conventions have it. */
export const OTHER = '_OTHER';

/** Refusals that may come before the app client of the token was checked. */
const BEFORE_THE_CLIENT: ReadonlySet<CutoverErrorCode | undefined> = new Set<CutoverErrorCode>([
  'ERR_TOKEN_EXPIRED',
  'ERR_TOKEN_NOT_YET_VALID',
  'ERR_CLAIM_INVALID',
  'ERR_TOKEN_USE_NOT_ALLOWED',
  'ERR_CLIENT_NOT_ALLOWED',
]);

/**
 * Which app clients are named in metrics. An event names a client only where the signature was verified, so a stranger cannot make up
 * any; but in a pool where clients register themselves there may be any number. Those that are allowed come first.
 */
export class ClientNames {
  readonly #named = new Set<string>();

  nameOf({ clientId, code }: Pick<DecisionEvent, 'clientId' | 'code'>): string | undefined {
    if (clientId === undefined || this.#named.has(clientId)) return clientId;
    if (BEFORE_THE_CLIENT.has(code) || this.#named.size >= MAX_CLIENTS) return OTHER;
    this.#named.add(clientId);
    return clientId;
  }
}

/** Refusals by entry points, for which no verifier was asked at that moment. */
const OF_REQUESTS: ReadonlySet<CutoverErrorCode | undefined> = new Set<CutoverErrorCode>([
  'ERR_TOKEN_MISSING',
  'ERR_CREDENTIALS_AMBIGUOUS',
  'ERR_INSUFFICIENT_SCOPE',
  'ERR_GROUP_REQUIRED',
]);

/** Whether a verifier judged a token, which took its time. */
export function isOfToken({ outcome, code }: Pick<DecisionEvent, 'outcome' | 'code'>): boolean {
  return outcome === 'accepted' || (outcome === 'rejected' && !OF_REQUESTS.has(code));
}

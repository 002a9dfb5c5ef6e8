import type { CutoverEvent, DecisionEvent } from '../../../../src/operate/events.js';
import { sampleKey } from './prometheus-text.js';

/** So many clients have a name of their own in metrics. */
const MOST_CLIENTS = 100;
/** Refusals that do not tell whether the client is one that is allowed. */
const CLIENT_UNKNOWN = 'EXPIRED NOT_YET_VALID CLAIM_INVALID TOKEN_USE_NOT_ALLOWED CLIENT_NOT_ALLOWED'.split(' ');
/** Refusals for which no verifier was asked. */
const OF_ENTRY_POINTS = 'TOKEN_MISSING CREDENTIALS_AMBIGUOUS INSUFFICIENT_SCOPE GROUP_REQUIRED'.split(' ');
const isOneOf = (code: string | undefined, ends: readonly string[]): boolean =>
  ends.some((end) => code?.endsWith(end) === true);

type Labels = Readonly<Record<string, unknown>>;

const named = (of: Labels): Labels =>
  Object.fromEntries(
    Object.entries(of)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name === 'error_type' ? name : `cognito_cutover_${name}`, value]),
  );

/** What docs/metrics.md makes of events, one after the other: the samples that count. */
export class CountedEvents {
  readonly samples = new Map<string, number>();
  readonly #clients = new Set<string>();

  count(event: CutoverEvent, now: number): void {
    if (event.type === 'resolver') {
      const { outcome, userPoolId } = event;
      const error_type = outcome === 'failed' ? 'ERR_LEGACY_ID_UNAVAILABLE' : undefined;
      this.#add('resolver_duration_count', { outcome, user_pool_id: userPoolId, error_type });
    } else if (event.type === 'keys') {
      const { outcome, pool, userPoolId } = event;
      const error_type = outcome === 'failed' ? 'ERR_KEYS_UNAVAILABLE' : undefined;
      this.#add('keys_fetch_duration_count', { pool, user_pool_id: userPoolId, error_type });
    } else this.#decision(event, now);
  }

  #decision(event: DecisionEvent, now: number): void {
    const { outcome, mode, pool, userPoolId, code, cached } = event;
    const client_id = this.#clientOf(event);
    const of = { outcome, mode, pool, user_pool_id: userPoolId, client_id, error_type: code };
    this.#add('token_decisions_total', { ...of, token_use: event.tokenUse, user_id_source: event.userIdSource });
    const isOfVerifier = outcome === 'accepted' || (outcome === 'rejected' && !isOneOf(code, OF_ENTRY_POINTS));
    const timed = { outcome, mode, pool, error_type: code, token_cached: cached };
    if (isOfVerifier) this.#add('token_duration_count', timed);
    if (outcome !== 'accepted' || pool !== 'legacy') return;
    const about = named({ pool, user_pool_id: userPoolId, client_id });
    this.samples.set(sampleKey('cognito_cutover_legacy_last_seen', about), now / 1000);
  }

  #clientOf({ clientId, code }: DecisionEvent): string | undefined {
    if (clientId === undefined || this.#clients.has(clientId)) return clientId;
    if (isOneOf(code, CLIENT_UNKNOWN) || this.#clients.size === MOST_CLIENTS) return '_OTHER';
    this.#clients.add(clientId);
    return clientId;
  }

  #add(name: string, labels: Labels): void {
    const key = sampleKey(`cognito_cutover_${name}`, named(labels));
    this.samples.set(key, (this.samples.get(key) ?? 0) + 1);
  }
}

/** The only fields of a decision that may be seen. */
const FIELDS =
  'type outcome mode code pool userPoolId clientId tokenUse kind userIdSource cached durationMs expiresAt'.split(' ');
/** Before the signature is verified, anybody can say anything. */
const UNVERIFIED = 'MALFORMED ALGORITHM_NOT_ALLOWED ISSUER_NOT_TRUSTED KEY_NOT_FOUND SIGNATURE_INVALID'.split(' ');

/** What is wrong with an event, by the rules of docs/metrics.md. */
export function wrongWith(event: CutoverEvent): string | undefined {
  if (event.type === 'keys' || event.type === 'resolver') return undefined;
  const strange = Object.keys(event).find((field) => !FIELDS.includes(field));
  if (strange !== undefined) return `a field ${strange}`;
  const { code, userPoolId, clientId, outcome, type } = event;
  if (type !== outcome || (outcome === 'rejected') !== (code !== undefined)) return 'an outcome that says two things';
  if (isOneOf(code, UNVERIFIED) && (userPoolId ?? clientId) !== undefined) return 'names of a token that nobody signed';
  return undefined;
}

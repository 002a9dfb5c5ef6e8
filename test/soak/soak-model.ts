/** What the soak test must get for a request. It knows nothing of the code that it judges. */

export type Side = 'legacy' | 'new';

/** `unmapped`: no legacy id in the token. `short`: expires while the test runs. */
export type Kind =
  | 'hot'
  | 'cold'
  | 'machine'
  | 'short'
  | 'expired'
  | 'revoked'
  | 'unmapped'
  | 'tampered'
  | 'unknown-kid'
  | 'foreign'
  | 'garbage'
  | 'missing'
  | 'repeated';

export interface Credential {
  readonly kind: Kind;
  /** Values of `Authorization`. */
  readonly authorization: readonly string[];
  readonly side?: Side;
  /** Whom the token is for, where it is accepted. */
  readonly userId?: string;
  readonly sub?: string;
  /** Seconds since the epoch. */
  readonly expiresAt?: number;
  /** Which keys of its pool signed it: 0 for the first. */
  readonly generation?: number;
}

export interface SoakAnswer {
  readonly status: number;
  readonly code?: string | undefined;
  readonly userId?: string | undefined;
  readonly pool?: string | undefined;
}

/** In `keys:` it is not certain which keys a server has; in `source`, whether it can look legacy ids up. */
export type Uncertainty = `keys:${Side}` | 'source';

export interface Period {
  readonly what: Uncertainty;
  readonly from: number;
  /** Infinity while it lasts. */
  until: number;
}

/** What happened to the pools so far. */
export interface SoakWorld {
  readonly periods: readonly Period[];
  /** Generations of keys below this are withdrawn. */
  readonly withdrawnBelow: Readonly<Record<Side, number>>;
}

const refused = (status: number, code: string): SoakAnswer => ({ status, code });
const NOT_FOUND = refused(401, 'ERR_KEY_NOT_FOUND');
const NO_KEYS = refused(503, 'ERR_KEYS_UNAVAILABLE');

const ALWAYS: Partial<Record<Kind, SoakAnswer>> = {
  foreign: refused(401, 'ERR_ISSUER_NOT_TRUSTED'),
  garbage: refused(401, 'ERR_TOKEN_MALFORMED'),
  missing: refused(401, 'ERR_TOKEN_MISSING'),
  repeated: refused(400, 'ERR_CREDENTIALS_AMBIGUOUS'),
};

/** The legacy id that the source has for a user without one in the token: none for every second user. */
export function lookedUp(sub: string): string | undefined {
  const isKnown = Number.parseInt(sub.slice(-1), 16) % 2 === 0;
  return isKnown ? [...sub.slice(0, 8)].reverse().join('') + sub.slice(8) : undefined;
}

/** The answers that are right for a request that was sent and answered at these times, in milliseconds since the epoch. */
export function rightAnswers(
  credential: Credential,
  server: { readonly hasResolver: boolean },
  world: SoakWorld,
  [sentAt, answeredAt]: readonly [number, number],
): readonly SoakAnswer[] {
  const { kind, side } = credential;
  const always = ALWAYS[kind];
  if (always !== undefined) return [always];
  const isUncertain = (what: Uncertainty) =>
    world.periods.some((period) => period.what === what && period.from <= answeredAt && period.until >= sentAt);
  const areKeysUncertain = side !== undefined && isUncertain(`keys:${side}`);
  const isWithdrawn = side !== undefined && (credential.generation ?? 0) < world.withdrawnBelow[side];
  if (kind === 'unknown-kid') return areKeysUncertain ? [NOT_FOUND, NO_KEYS] : [NOT_FOUND];
  if (isWithdrawn && !areKeysUncertain) return [NOT_FOUND];
  const usual = ofKnownKey(credential, server.hasResolver, isUncertain('source'), [sentAt, answeredAt]);
  return areKeysUncertain ? [...usual, NOT_FOUND, NO_KEYS] : usual;
}

function ofKnownKey(
  { kind, side, userId, sub = '', expiresAt = Number.POSITIVE_INFINITY }: Credential,
  hasResolver: boolean,
  isSourceUncertain: boolean,
  [sentAt, answeredAt]: readonly [number, number],
): SoakAnswer[] {
  if (kind === 'tampered') return [refused(401, 'ERR_SIGNATURE_INVALID')];
  const answers: SoakAnswer[] = [];
  if (answeredAt >= expiresAt * 1000) answers.push(refused(401, 'ERR_TOKEN_EXPIRED'));
  if (sentAt > expiresAt * 1000) return answers;
  if (kind === 'revoked') return [...answers, refused(401, 'ERR_TOKEN_REVOKED')];
  if (kind !== 'unmapped') return [...answers, { status: 200, userId, pool: side }];
  if (isSourceUncertain && hasResolver) answers.push(refused(503, 'ERR_LEGACY_ID_UNAVAILABLE'));
  const found = hasResolver ? lookedUp(sub) : undefined;
  return [
    ...answers,
    found === undefined ? refused(403, 'ERR_LEGACY_ID_MISSING') : { status: 200, userId: found, pool: side },
  ];
}

export function isOneOf(answer: SoakAnswer, right: readonly SoakAnswer[]): boolean {
  return right.some(
    ({ status, code, userId, pool }) =>
      status === answer.status && code === answer.code && userId === answer.userId && pool === answer.pool,
  );
}

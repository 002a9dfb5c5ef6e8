import type { PoolSide } from '../../src/errors.js';

/**
 * What the APIs must answer, worked out without any code of the verifier: from who a person is, what their token says, and
 * what was changed at which time. Times are milliseconds since the epoch, those in tokens seconds, as there.
 */

/** What `phase set` was told. */
export interface Plan {
  readonly announceFrom?: number;
  readonly acceptSignInsBefore?: number;
  readonly acceptUntil?: number;
}

/** Something that was changed from outside: begun at `askedAt`, in the store at `doneAt`. */
export interface Change<T> {
  readonly to: T;
  readonly askedAt: number;
  readonly doneAt: number;
}

export interface TokenFacts {
  /** A forged token was signed with a key that is not the pool's. */
  readonly kind: 'user' | 'machine' | 'forged';
  readonly pool: PoolSide;
  /** The only right answer. */
  readonly userId: string;
  readonly signedInAt: number;
  readonly expiresAt: number;
  /** Of new-pool users. `claim`: the token carries the legacy id. Otherwise the time when it was published, if ever. */
  readonly mapping?: 'claim' | { readonly published?: Change<string> };
}

/** One answer that would be right. `announced`: the headers for legacy tokens, `Deprecation` and `Sunset`. */
export type Expected =
  | {
      readonly status: 200;
      readonly userId: string;
      readonly pool: PoolSide;
      readonly deprecation?: string;
      readonly sunset?: string;
    }
  | { readonly status: 401 | 403 | 503; readonly code: string };

export interface Answer {
  readonly status: number;
  readonly userId?: string;
  readonly pool?: string;
  readonly code?: string;
  /** For people: what was unavailable. */
  readonly reason?: string;
  readonly deprecation?: string;
  readonly sunset?: string;
}

/** How long after a change an instance may still answer by what was before it. */
export interface Following {
  /** After `phase set`. */
  readonly planMs: number;
  /** After a user was published. */
  readonly mappingMs: number;
  /** After an outage of the store ended. */
  readonly recoveryMs: number;
}

/** What happened outside of the APIs, in the order in which it happened. */
export class World {
  readonly plans: Change<Plan>[] = [{ to: {}, askedAt: 0, doneAt: 0 }];
  /** Outages of the store with the published users and the plan. */
  readonly storeOutages: { readonly from: number; until: number }[] = [];

  constructor(readonly following: Following) {}

  /** Every answer that is right for a request that was sent at `from` and answered at `until`. */
  expected(token: TokenFacts, from: number, until: number): readonly Expected[] {
    const plans = token.pool === 'legacy' ? this.plansBetween(from, until) : [{}];
    const ids = this.#idsBetween(token, from, until);
    const all = [from, until].flatMap((at) =>
      plans.flatMap((plan) => ids.map((userId) => expectedAt(token, plan, userId, at))),
    );
    return [...new Map(all.map((one) => [JSON.stringify(one), one])).values()];
  }

  /** The plans that an instance may go by. */
  plansBetween(from: number, until: number): readonly Plan[] {
    return this.plans
      .filter(({ askedAt }, index) => {
        const next = this.plans[index + 1];
        return askedAt <= until && (next === undefined || from <= this.#followedUntil(next.doneAt));
      })
      .map(({ to }) => to);
  }

  /** Until when an instance may not have read what is in the store since `doneAt`. It keeps what it knows while the store is out. */
  #followedUntil(doneAt: number): number {
    const { planMs } = this.following;
    return this.storeOutages.reduce(
      (latest, outage) => (doneAt <= outage.until && outage.from <= latest ? outage.until + planMs : latest),
      doneAt + planMs,
    );
  }

  /** Which legacy id an instance may know. */
  #idsBetween({ userId, mapping = 'claim' }: TokenFacts, from: number, until: number): readonly KnownId[] {
    if (mapping === 'claim') return [userId];
    const { published } = mapping;
    const { mappingMs, recoveryMs } = this.following;
    const ids: KnownId[] = [];
    if (published !== undefined && published.askedAt <= until) ids.push(userId);
    if (published === undefined || from <= published.doneAt + mappingMs) ids.push('none');
    const isOut = this.storeOutages.some((outage) => outage.from <= until && from <= outage.until + recoveryMs);
    return isOut ? [...ids, 'cannot tell'] : ids;
  }
}

type KnownId = string | 'none' | 'cannot tell';

/** The right answer at one moment, under one plan. */
function expectedAt(token: TokenFacts, plan: Plan, known: KnownId, at: number): Expected {
  const { kind, pool, userId } = token;
  const closed = { status: 401, code: 'ERR_LEGACY_POOL_CLOSED' } as const;
  const isLegacy = pool === 'legacy';
  if (isLegacy && plan.acceptUntil !== undefined && at > plan.acceptUntil) return closed;
  if (kind === 'forged') return { status: 401, code: 'ERR_SIGNATURE_INVALID' };
  if (at >= token.expiresAt * 1000) return { status: 401, code: 'ERR_TOKEN_EXPIRED' };
  if (isLegacy && kind === 'user' && token.signedInAt * 1000 > (plan.acceptSignInsBefore ?? Number.POSITIVE_INFINITY)) {
    return closed;
  }
  if (known === 'none') return { status: 403, code: 'ERR_LEGACY_ID_MISSING' };
  if (known === 'cannot tell') return { status: 503, code: 'ERR_LEGACY_ID_UNAVAILABLE' };
  return { status: 200, userId, pool, ...(isLegacy && announcement(plan, at)) };
}

/** RFC 9745: `@` and seconds. RFC 8594: an HTTP date. */
function announcement({ announceFrom, acceptUntil }: Plan, at: number) {
  if (announceFrom === undefined || at < announceFrom) return {};
  return {
    deprecation: `@${Math.floor(announceFrom / 1000)}`,
    ...(acceptUntil !== undefined && { sunset: new Date(acceptUntil).toUTCString() }),
  };
}

/** What is wrong with an answer, or nothing. An identity is judged first: no circumstance makes a wrong one right. */
export function faultOf(answer: Answer, token: TokenFacts, expected: readonly Expected[]): Fault | undefined {
  const wanted = () => expected.map(inWords).join(', or ');
  if (answer.status === 200 && (answer.userId !== token.userId || answer.pool !== token.pool)) {
    return { kind: 'wrong identity', detail: `expected ${wanted()}, but got ${inWords(answer)}` };
  }
  if (expected.some((one) => isSame(answer, one))) return undefined;
  const isAccepted = answer.status === 200;
  const kind = isAccepted
    ? expected.some(({ status }) => status === 200)
      ? 'wrong headers'
      : 'accepted what is refused'
    : expected.every(({ status }) => status === 200)
      ? 'refused what is valid'
      : 'another refusal';
  return { kind, detail: `expected ${wanted()}, but got ${inWords(answer)}` };
}

export interface Fault {
  readonly kind:
    | 'wrong identity'
    | 'refused what is valid'
    | 'accepted what is refused'
    | 'another refusal'
    | 'wrong headers'
    | 'no answer';
  readonly detail: string;
}

const isSame = (answer: Answer, one: Expected): boolean =>
  answer.status === one.status &&
  (one.status === 200
    ? answer.deprecation === one.deprecation && answer.sunset === one.sunset
    : answer.code === one.code);

function inWords(answer: Answer): string {
  const reason = answer.reason === undefined ? '' : ` (${answer.reason})`;
  if (answer.status !== 200) return `${answer.status} ${answer.code}${reason}`;
  const headers = answer.deprecation === undefined ? '' : ` announced ${answer.deprecation} ${answer.sunset ?? ''}`;
  return `${answer.userId} of the ${answer.pool} pool${headers}`.trimEnd();
}

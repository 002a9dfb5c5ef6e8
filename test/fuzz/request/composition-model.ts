import type { GuardName } from '../../support/host-kit.js';

export interface AuthWord {
  readonly kind: 'auth';
  readonly mode: 'enforce' | 'observe';
  readonly isOptional: boolean;
  readonly property: 'auth' | 'cutover';
  readonly from: 'authorization' | 'x-token';
  readonly compares: 'no' | 'same' | 'other' | 'fails';
}

/** What stands in a stack. One word that stands twice is one middleware that is mounted twice. */
export type Word =
  | AuthWord
  | { readonly kind: 'guard'; readonly guard: GuardName; readonly args: readonly string[] }
  /** Something else writes a stranger to the identity's place. */
  | { readonly kind: 'write'; readonly property: 'auth' | 'cutover' }
  /** The error handler of the application lets a refusal of the word in it through. */
  | { readonly kind: 'forgiven'; readonly inner: Word };

export interface Sent {
  readonly authorization: string | undefined;
  readonly 'x-token': string | undefined;
  readonly isOwn: boolean;
}

export interface Expected {
  readonly status: number;
  readonly code?: string;
  readonly auth: string | null;
  readonly cutover: string | null;
  /** `null`: it throws an error of its own, because nobody enforces. `fault`: what the verifier threw, or answered. */
  readonly getAuth: string | null;
  /** A refusal was let through on the way. */
  readonly isForgiven: boolean;
}

const STATUS: Readonly<Record<string, number>> = {
  ERR_TOKEN_MISSING: 401,
  ERR_TOKEN_EXPIRED: 401,
  ERR_TOKEN_MALFORMED: 401,
  ERR_LEGACY_ID_MISSING: 403,
  ERR_INSUFFICIENT_SCOPE: 403,
  ERR_GROUP_REQUIRED: 403,
  ERR_KEYS_UNAVAILABLE: 503,
};

const HELD: Readonly<Record<string, { readonly id: string; readonly scopes: string[]; readonly groups: string[] }>> = {
  anna: { id: 'anna', scopes: ['orders/read', 'orders/list'], groups: ['staff', 'editors'] },
  admin: { id: 'admin', scopes: ['orders/read', 'orders/write'], groups: ['staff', 'admins'] },
  machine: { id: 'client', scopes: ['orders/read', 'orders/list'], groups: [] },
};

type Person = 'anna' | 'admin' | 'machine';
/** Who a token stands for, the code of its refusal, or a fault of the application. */
type Meaning = { readonly who: Person } | { readonly code: string } | 'fault' | undefined;

function meaningOf(token: string | undefined): Meaning {
  if (token === undefined) return undefined;
  const name = token.replace(/^(?:later|thenable):/, '');
  if (Object.hasOwn(HELD, name)) return { who: name as Person };
  return name.startsWith('ERR_') ? { code: name } : 'fault';
}

/** Whether an answer comes later, which an observing middleware does not wait for. */
const comesLater = (token: string): boolean => /^(?:later|thenable):/.test(token);

interface State {
  /** The last enforcing word that decided. */
  by: Word | undefined;
  who: Person | undefined;
  /** Why nobody was accepted. */
  why: string | undefined;
  isFault: boolean;
  isObserved: boolean;
  /** The first whom an observing word found at once. */
  seen: Person | undefined;
  /** What stands in its place: somebody of ours, or the stranger. */
  places: { auth: Person | 'stranger' | undefined; cutover: Person | 'stranger' | undefined };
  isForgiven: boolean;
}

type Stop = { readonly status: number; readonly code?: string } | undefined;
const FAULT: Stop = { status: 500 };
const refused = (code: string): Stop => ({ status: STATUS[code] ?? 0, code });

/** Nobody is accepted: no identity that came from a token may stay anywhere. */
function acceptNobody(state: State, by: Word, why: string | undefined, isFault = false): void {
  Object.assign(state, { by, who: undefined, why, isFault });
  for (const place of ['auth', 'cutover'] as const) {
    if (state.places[place] !== 'stranger') state.places[place] = undefined;
  }
}

function passAuth(state: State, word: AuthWord, request: Sent): Stop {
  const token = request[word.from];
  const meaning = meaningOf(token);
  if (word.mode === 'observe') {
    state.isObserved = true;
    if (token === undefined || comesLater(token)) return undefined;
    if (typeof meaning !== 'object' || !('who' in meaning)) return undefined;
    state.seen ??= meaning.who;
    if (state.by === undefined && state.places[word.property] === undefined) state.places[word.property] = meaning.who;
    return undefined;
  }
  if (meaning === undefined) {
    if (!word.isOptional) {
      acceptNobody(state, word, 'ERR_TOKEN_MISSING');
      return refused('ERR_TOKEN_MISSING');
    }
    // Whom another one in front has accepted stays accepted.
    if (state.by === undefined || state.by === word) acceptNobody(state, word, undefined);
    return undefined;
  }
  if (meaning === 'fault') {
    acceptNobody(state, word, undefined, true);
    return FAULT;
  }
  if ('code' in meaning) {
    acceptNobody(state, word, meaning.code);
    return refused(meaning.code);
  }
  Object.assign(state, { by: word, who: meaning.who, why: undefined, isFault: false });
  state.places[word.property] = meaning.who;
  return undefined;
}

function passGuard(state: State, { guard, args }: Extract<Word, { kind: 'guard' }>): Stop {
  if (state.by === undefined) return state.isObserved ? undefined : FAULT;
  if (state.who === undefined) return state.isFault ? FAULT : refused(state.why ?? 'ERR_TOKEN_MISSING');
  const person = HELD[state.who];
  const held = (/Group/.test(guard) ? person?.groups : person?.scopes) ?? [];
  const some = args.some((one) => held.includes(one));
  const fits =
    guard === 'requireUser'
      ? state.who !== 'machine'
      : /Any/.test(guard)
        ? some
        : args.every((one) => held.includes(one));
  if (fits) return undefined;
  return refused(/Group/.test(guard) ? 'ERR_GROUP_REQUIRED' : 'ERR_INSUFFICIENT_SCOPE');
}

function pass(state: State, word: Word, request: Sent): Stop {
  if (word.kind === 'auth') return passAuth(state, word, request);
  if (word.kind === 'guard') return passGuard(state, word);
  if (word.kind === 'forgiven') {
    if (pass(state, word.inner, request) !== undefined) state.isForgiven = true;
    return undefined;
  }
  state.places[word.property] = 'stranger';
  return undefined;
}

const nameAt = (held: Person | 'stranger' | undefined): string | null =>
  held === undefined ? null : held === 'stranger' ? 'somebody else' : (HELD[held]?.id ?? null);

/** What must become of a request, told by rules that know nothing of the code. */
export function expected(words: readonly Word[], request: Sent): Expected {
  const state: State = {
    ...{ by: undefined, who: undefined, why: undefined, isFault: false, isObserved: false, seen: undefined },
    places: { auth: undefined, cutover: undefined },
    isForgiven: false,
  };
  const ended = { auth: null, cutover: null, getAuth: null };
  for (const word of words) {
    const stop = pass(state, word, request);
    if (stop !== undefined) return { ...ended, ...stop, isForgiven: state.isForgiven };
  }
  const { by, who, why, isFault, seen, places, isForgiven } = state;
  const nobody = isFault ? 'fault' : (why ?? 'ERR_TOKEN_MISSING');
  const found = by === undefined ? nameAt(seen) : who === undefined ? nobody : nameAt(who);
  return { status: 200, auth: nameAt(places.auth), cutover: nameAt(places.cutover), getAuth: found, isForgiven };
}

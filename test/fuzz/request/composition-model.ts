import type { GuardName } from '../../support/host-kit.js';

export interface AuthWord {
  readonly kind: 'auth';
  readonly mode: 'enforce' | 'observe';
  readonly isOptional: boolean;
  readonly property: 'auth' | 'cutover';
  readonly from: 'authorization' | 'x-token';
  /** What `compare` answers: nothing at all, a user's id, or no answer. */
  readonly compares: 'no' | 'nothing' | 'anna' | 'admin' | 'fails' | 'promises';
  /** Whose word counts: two verifiers that know the same tokens differently. */
  readonly verifier: 'first' | 'second';
}

/** What the second verifier takes a token for. */
export const SECOND: Readonly<Record<string, string>> = {
  ...{ anna: 'admin', admin: 'ERR_TOKEN_EXPIRED', ERR_TOKEN_EXPIRED: 'anna' },
};

/** What stands in a stack. One word that stands twice is one middleware that is mounted twice. */
export type Word =
  | AuthWord
  | { readonly kind: 'guard'; readonly guard: GuardName; readonly args: readonly string[] }
  /** Something else writes a stranger to the identity's place. */
  | { readonly kind: 'write'; readonly property: 'auth' | 'cutover' }
  /** Something takes the token off the request. */
  | { readonly kind: 'strip'; readonly header: AuthWord['from'] }
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
  /** What `onDecision` of each word is told, in any order. */
  readonly told: ReadonlyMap<AuthWord, readonly string[]>;
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

function meaningOf(token: string | undefined, { verifier }: AuthWord): Meaning {
  if (token === undefined) return undefined;
  const given = token.replace(/^(?:later|thenable):/, '');
  const name = verifier === 'second' ? (SECOND[given] ?? given) : given;
  if (Object.hasOwn(HELD, name)) return { who: name as Person };
  return name.startsWith('ERR_') ? { code: name } : 'fault';
}

/** Whether an answer comes later, which an observing middleware does not wait for. */
const comesLater = (token: string): boolean => /^(?:later|thenable):/.test(token);

interface State {
  /** The last enforcing word that decided. */
  by: AuthWord | undefined;
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
  /** What observing words found, at once or later: nobody where no token came. */
  observed: { readonly by: AuthWord; readonly who: Person | undefined }[];
  told: Map<AuthWord, string[]>;
  /** The token may be taken off on the way. */
  request: Sent;
}

type Stop = { readonly status: number; readonly code?: string } | undefined;
const FAULT: Stop = { status: 500 };
const refused = (code: string): Stop => ({ status: STATUS[code] ?? 0, code });

const tell = ({ told }: State, word: AuthWord, what: string): void => {
  told.set(word, [...(told.get(word) ?? []), what]);
};

/** Nobody is accepted: no identity that came from a token may stay anywhere. */
function acceptNobody(state: State, by: AuthWord, why: string | undefined, isFault = false): void {
  Object.assign(state, { by, who: undefined, why, isFault });
  for (const place of ['auth', 'cutover'] as const) {
    if (state.places[place] !== 'stranger') state.places[place] = undefined;
  }
}

/** What an observing word says of somebody whom it found. */
function compared({ compares }: AuthWord, who: Person): string {
  if (compares === 'fails' || compares === 'promises') return 'fault';
  const id = HELD[who]?.id;
  return compares === 'no' || compares === 'nothing' || compares === id
    ? `accepted ${id}`
    : `mismatch ${id} ${compares}`;
}

function passObserver(state: State, word: AuthWord, token: string | undefined, meaning: Meaning): void {
  state.isObserved = true;
  if (meaning === undefined) {
    tell(state, word, word.isOptional ? 'anonymous' : 'ERR_TOKEN_MISSING');
    if (word.isOptional) state.observed.push({ by: word, who: undefined });
    return;
  }
  if (meaning === 'fault' || 'code' in meaning) {
    tell(state, word, meaning === 'fault' ? 'fault' : meaning.code);
    return;
  }
  const { who } = meaning;
  tell(state, word, compared(word, who));
  state.observed.push({ by: word, who });
  if (token !== undefined && comesLater(token)) return;
  state.seen ??= who;
  if (state.by === undefined && state.places[word.property] === undefined) state.places[word.property] = who;
}

function passAuth(state: State, word: AuthWord): Stop {
  const token = state.request[word.from];
  const meaning = meaningOf(token, word);
  if (word.mode === 'observe') {
    passObserver(state, word, token, meaning);
    return undefined;
  }
  if (meaning === undefined) {
    tell(state, word, word.isOptional ? 'anonymous' : 'ERR_TOKEN_MISSING');
    if (!word.isOptional) {
      acceptNobody(state, word, 'ERR_TOKEN_MISSING');
      return refused('ERR_TOKEN_MISSING');
    }
    // Whom another one in front has accepted stays accepted. Whom this one has accepted is of an earlier request.
    if (state.by === undefined || state.by === word) acceptNobody(state, word, undefined);
    return undefined;
  }
  if (meaning === 'fault') {
    tell(state, word, 'fault');
    acceptNobody(state, word, undefined, true);
    return FAULT;
  }
  if ('code' in meaning) {
    tell(state, word, meaning.code);
    acceptNobody(state, word, meaning.code);
    return refused(meaning.code);
  }
  tell(state, word, `accepted ${HELD[meaning.who]?.id}`);
  Object.assign(state, { by: word, who: meaning.who, why: undefined, isFault: false });
  state.places[word.property] = meaning.who;
  return undefined;
}

type Guard = Extract<Word, { kind: 'guard' }>;

/** The code with which a guard refuses somebody; none where they may pass. */
function refusalBy({ guard, args }: Guard, who: Person): string | undefined {
  const held = (/Group/.test(guard) ? HELD[who]?.groups : HELD[who]?.scopes) ?? [];
  const fits =
    guard === 'requireUser'
      ? who !== 'machine'
      : /Any/.test(guard)
        ? args.some((one) => held.includes(one))
        : args.every((one) => held.includes(one));
  if (fits) return undefined;
  return /Group/.test(guard) ? 'ERR_GROUP_REQUIRED' : 'ERR_INSUFFICIENT_SCOPE';
}

function passGuard(state: State, guard: Guard): Stop {
  if (state.by === undefined && !state.isObserved) return FAULT;
  for (const { by, who } of state.observed) {
    const code = who === undefined ? 'ERR_TOKEN_MISSING' : refusalBy(guard, who);
    if (code !== undefined) tell(state, by, code);
  }
  if (state.by === undefined) return undefined;
  if (state.who === undefined) {
    const why = state.isFault ? 'fault' : (state.why ?? 'ERR_TOKEN_MISSING');
    tell(state, state.by, why);
    return state.isFault ? FAULT : refused(why);
  }
  const code = refusalBy(guard, state.who);
  if (code === undefined) return undefined;
  tell(state, state.by, code);
  return refused(code);
}

function pass(state: State, word: Word): Stop {
  if (word.kind === 'auth') return passAuth(state, word);
  if (word.kind === 'guard') return passGuard(state, word);
  if (word.kind === 'forgiven') {
    if (pass(state, word.inner) !== undefined) state.isForgiven = true;
    return undefined;
  }
  if (word.kind === 'strip') state.request = { ...state.request, [word.header]: undefined };
  else state.places[word.property] = 'stranger';
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
    ...{ observed: [], told: new Map(), request },
  };
  const ended = { auth: null, cutover: null, getAuth: null };
  for (const word of words) {
    const stop = pass(state, word);
    if (stop !== undefined) return { ...ended, ...stop, isForgiven: state.isForgiven, told: state.told };
  }
  const { by, who, why, isFault, seen, places, isForgiven, told } = state;
  const nobody = isFault ? 'fault' : (why ?? 'ERR_TOKEN_MISSING');
  // getAuth refuses as a guard does.
  if (by !== undefined && who === undefined) tell(state, by, nobody);
  const found = by === undefined ? nameAt(seen) : who === undefined ? nobody : nameAt(who);
  return { status: 200, auth: nameAt(places.auth), cutover: nameAt(places.cutover), getAuth: found, isForgiven, told };
}

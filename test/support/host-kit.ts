import { once } from 'node:events';
import { Agent, request } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import type { CutoverDecision, LegacyTokenHeaders } from '../../middleware/express.js';
import { CutoverError, type CutoverErrorCode } from '../../src/errors.js';
import type { CutoverIdentity } from '../../src/verify/types.js';

/** What an adapter exports, in every framework. Nest's `cutoverGuard` stands in for `cutoverAuth`. */
export interface HostModule {
  cutoverAuth(options: never): unknown;
  requireScope(...scopes: string[]): unknown;
  requireAnyScope(...scopes: string[]): unknown;
  requireGroup(...groups: string[]): unknown;
  requireAnyGroup(...groups: string[]): unknown;
  requireUser(): unknown;
  getAuth(request: never): CutoverIdentity;
}
export type GuardName = Exclude<keyof HostModule, 'cutoverAuth' | 'getAuth'>;
type HeaderOf = (name: string) => string | undefined;

/** The options of `cutoverAuth`, with functions that are given the headers of the request whatever the framework. */
export interface Options {
  readonly verifier?: object;
  readonly credentialsRequired?: boolean;
  readonly getToken?: (header: HeaderOf) => unknown;
  readonly property?: string;
  readonly realm?: string;
  readonly mode?: 'observe';
  readonly compare?: (header: HeaderOf) => unknown;
  readonly legacyTokenHeaders?: LegacyTokenHeaders;
  readonly onDecision?: (decision: CutoverDecision, req: object) => unknown;
  readonly [ofVerifier: string]: unknown;
}

/** A step of a request on its way to the handler, in words that every framework understands. */
export type Step =
  | { readonly auth: Options; readonly isOfOtherBuild?: boolean }
  | { readonly guard: GuardName; readonly args: readonly string[]; readonly isOfOtherBuild?: boolean }
  /** A function of the package in the place of what it returns. */
  | { readonly uncalled: keyof HostModule }
  /** Another middleware writes what it likes to the identity's place. */
  | { readonly write: object; readonly property?: string }
  /** The place of the identity becomes one that nobody can write. */
  | { readonly fix: true }
  /** The application takes a header, in lower case, off the request. */
  | { readonly strip: string }
  /** A header that the application sets. */
  | { readonly header: string; readonly value: string }
  /** The error handler of the application lets a refusal of this step through. */
  | { readonly forgiven: Step }
  /** The application answers 503 while the steps after this one are under way. */
  | { readonly limit: true }
  /** Calls `getAuth`, and lets go what it throws. */
  | { readonly need: true }
  | { readonly reach: () => void };

/** What the framework makes of each step. A step that stands twice in a stack is one and the same middleware. */
export function madeOf<T>(steps: readonly Step[], make: (step: Step) => T): T[] {
  const made = new Map<Step, T>();
  for (const step of steps) if (!made.has(step)) made.set(step, make(step));
  return steps.map((step) => made.get(step) as T);
}

export interface Ask {
  readonly token?: string;
  /** Names and values, a name more than once if need be. */
  readonly headers?: readonly (readonly [string, string])[];
  readonly query?: string;
  readonly form?: string;
  /** Behind an error handler of the application, which answers `{ code, message }` and sets no headers. */
  readonly isOwn?: boolean;
}
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly text: string;
}
/** What the handler at the end answers. */
export interface Shown {
  /** Whose identity is at its place. */
  readonly placed: string | null;
  readonly other: string | null;
  /** Whom `getAuth` answers, or the code or message of what it throws. */
  readonly auth: string;
  readonly isSame: boolean;
}

export interface Served {
  ask(path: string, ask: Ask): Promise<Answer>;
  /** Of a server that listens. */
  readonly port?: number;
  close(): unknown;
}
/** A framework with its adapter. */
export interface HostParts {
  readonly name: string;
  /** Routes by path, each with its steps; and again below `/own`, behind an error handler of the application. */
  serve(routes: ReadonlyMap<string, readonly Step[]>): Promise<Served>;
  /** What the framework does not have. */
  readonly lacks?: readonly ('form' | 'fix' | 'uncalled' | 'abort')[];
}

export const pathOf = (path: string, { isOwn, query }: Ask) =>
  `${isOwn ? '/own' : ''}${path}${query === undefined ? '' : `?${query}`}`;
export const headersOf = ({ token, headers = [], form }: Ask): (readonly [string, string])[] => [
  ...(token === undefined ? [] : ([['Authorization', `Bearer ${token}`]] as const)),
  ...headers,
  ...(form === undefined ? [] : ([['Content-Type', 'application/x-www-form-urlencoded']] as const)),
];

/** Asks a server over connections that stay open. */
export function clientOf(port: number): { ask: Served['ask']; end(): void } {
  const agent = new Agent({ keepAlive: true });
  return {
    end: () => agent.destroy(),
    ask: (path, ask) =>
      new Promise((resolve, reject) => {
        const form = ask.form ?? '';
        const length = form === '' ? [] : ['Content-Length', `${form.length}`];
        const headers = ['Host', 'localhost', ...headersOf(ask).flat(), ...length];
        const method = form === '' ? 'GET' : 'POST';
        const req = request({ agent, port, method, path: pathOf(path, ask), headers: headers as never }, (res) => {
          let text = '';
          res.setEncoding('utf8').on('data', (chunk: string) => {
            text += chunk;
          });
          res.on('end', () => {
            resolve({ status: res.statusCode ?? 0, headers: res.headers as Answer['headers'], text });
          });
        });
        req.on('error', reject).end(form);
      }),
  };
}

/** What a server of Node has served, once it listens. */
export async function servedBy(server: Server): Promise<Served> {
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const { ask, end } = clientOf(port);
  return {
    ask,
    port,
    close() {
      end();
      server.close();
    },
  };
}

/** The options as the framework's `cutoverAuth` wants them. */
export function nativeOptions(options: Options, headerOf: (req: never, name: string) => string | undefined): never {
  const { getToken, compare, ...others } = options;
  const given = (read: (header: HeaderOf) => unknown) => (req: never) => read((name) => headerOf(req, name));
  return {
    ...others,
    ...(getToken && { getToken: given(getToken) }),
    ...(compare && { compare: given(compare) }),
  } as never;
}

/** How the handler at the end reads the identity. */
export function shown(module: HostModule, request: object, placeOf: (name: string) => unknown): Shown {
  const nameAt = (name: string) => (placeOf(name) as CutoverIdentity | undefined)?.userId ?? null;
  const seen = { placed: nameAt('auth'), other: nameAt('cutover') };
  try {
    const auth = module.getAuth(request as never);
    return { ...seen, auth: auth.userId, isSame: auth === placeOf('auth') || auth === placeOf('cutover') };
  } catch (error) {
    // Nest's own exceptions have ours as their cause.
    const { code, cause } = error as { readonly code?: string; readonly cause?: { readonly code?: string } };
    return { ...seen, auth: code ?? cause?.code ?? `${error}`, isSame: false };
  }
}

/** The body of an error handler of the application. */
export const ownBody = (error: { readonly code?: string; readonly message?: string }) => ({
  code: error.code ?? null,
  message: error.message ?? null,
});

export const anna: CutoverIdentity = Object.freeze({
  ...({ userId: 'anna', userIdSource: 'claim', pool: 'legacy', userPoolId: 'eu-west-1_Legacy', kind: 'user' } as const),
  ...({ sub: 'anna-sub', clientId: 'client', tokenUse: 'access' } as const),
  groups: Object.freeze(['staff', 'editors']),
  scopes: Object.freeze(['orders/read', 'orders/list']),
  ...{ issuedAt: 1, expiresAt: 2, claims: Object.freeze({}) },
});
const admin: CutoverIdentity = Object.freeze({
  ...anna,
  ...{ userId: 'admin', pool: 'new' as const, groups: ['staff', 'admins'], scopes: ['orders/read', 'orders/write'] },
});
const machine: CutoverIdentity = Object.freeze({ ...anna, userId: 'client', kind: 'machine', groups: [] });
export const stranger = { ...admin, userId: 'somebody else' };

type Answering = () => unknown;
const PEOPLE: Readonly<Record<string, CutoverIdentity>> = { anna, admin, machine };

/**
 * A verifier of which each token says what it answers: `anna`, `later:anna`, `thenable:anna`, `ERR_TOKEN_EXPIRED`,
 * `later:ERR_TOKEN_EXPIRED`, or a name in `more`. Any other token is malformed.
 */
export function verifierBy(more: Readonly<Record<string, Answering>> = {}) {
  const answer = (token: string): unknown => {
    if (Object.hasOwn(more, token)) return more[token]?.();
    const person = PEOPLE[token];
    if (person !== undefined) return person;
    const code = token.startsWith('ERR_') ? (token as CutoverErrorCode) : 'ERR_TOKEN_MALFORMED';
    throw new CutoverError(code, 'A sentence for the log.', { pool: 'legacy', retryAfterSeconds: 29.5 });
  };
  return {
    verify(given: string): never {
      const [, how, token = ''] = /^(?:(later|thenable):)?(.*)$/.exec(given) ?? [];
      if (how === 'later') return (async () => answer(token))() as never;
      if (how === undefined) return answer(token) as never;
      // A promise of another library: it calls back at once, and knows nothing but `then`.
      const foreign = {
        // biome-ignore lint/suspicious/noThenProperty: that is what a foreign promise is
        then(resolve: (value: unknown) => void, reject: (reason: unknown) => void) {
          try {
            resolve(answer(token));
          } catch (error) {
            reject(error);
          }
        },
      };
      return foreign as never;
    },
  };
}

/** What onDecision was told, in short. */
export function journal() {
  const entries: string[] = [];
  const onDecision = (decision: CutoverDecision) => {
    if (decision.outcome === 'accepted') entries.push(`accepted ${decision.identity.userId}`);
    else if (decision.outcome === 'mismatch') entries.push(`mismatch ${decision.identity.userId} ${decision.expected}`);
    else if (decision.outcome !== 'refused') entries.push(decision.outcome);
    else entries.push(decision.error instanceof CutoverError ? decision.error.code : `${decision.error}`);
  };
  /** What is in it, and no longer afterwards. */
  const taken = () => entries.splice(0);
  return { onDecision, taken };
}

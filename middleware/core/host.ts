import type { OutgoingMessage } from 'node:http';
import type { BearerRequest } from '../../src/http/bearer.js';
import type { CutoverIdentity } from '../../src/verify/types.js';

/**
 * A framework, as the core sees it: how to read its requests, where it keeps an identity, and how to write to its responses. One
 * object for each framework, without a state.
 */
export interface Host<Req extends object, Res> {
  /**
   * The object by which decisions about a request are kept: Node's own request where the framework's belongs to it, so that all
   * frameworks of a process agree; otherwise one that belongs to this request alone.
   */
  keyOf(req: Req): object;
  /** The request with this key. `undefined` where it cannot be told. */
  ofKey(key: object): Req | undefined;
  /** What may carry the token. */
  bearerOf(req: Req): BearerRequest;
  /** What an application finds under `property`; `undefined` or `null` where nobody has put anything there. */
  get(req: Req, property: string): unknown;
  set(req: Req, property: string, identity: CutoverIdentity): void;
  remove(req: Req, property: string): void;
  /** `undefined` where the response has none, or they are sent already. */
  headersOf(res: Res): ResponseHeaders | undefined;
  /** Whether the application has answered already, for example because its own time limit was over. */
  isAnswered(res: Res): boolean;
}

/** The headers of a response that is not sent yet. Node's `ServerResponse` fits as it is. */
export interface ResponseHeaders {
  getHeader(name: string): number | string | readonly string[] | undefined;
  setHeader(name: string, value: string): unknown;
  appendHeader(name: string, value: string): unknown;
  removeHeader(name: string): unknown;
}

/** The request continues to the application. */
export const CONTINUE = Symbol('continue');
/** The application has answered meanwhile: there is nothing left to do. */
export const ANSWERED = Symbol('answered');

/** The request ends with `error`: a {@link CutoverHttpError}, or what `getToken` or the verifier threw. */
export class Refusal {
  readonly error: object;

  constructor(error: object) {
    this.error = error;
  }
}

/** What becomes of a request. A framework lets it through for {@link CONTINUE} alone. */
export type Verdict = typeof CONTINUE | typeof ANSWERED | Refusal;

/** Decides about a request: at once where nothing has to be waited for. A promise of it never rejects. */
export type Decide<Req, Res> = (req: Req, res: Res) => Verdict | Promise<Verdict>;

/** `error` of a refusal is thrown, for frameworks that answer with what is thrown. */
export function throwRefusal(verdict: Verdict): void {
  if (verdict instanceof Refusal) throw verdict.error;
}

/** The identity as a property of an object of the request: Node's own, or the framework's. */
export const asProperty = {
  get: (holder: object, property: string): unknown => Reflect.get(holder, property),
  set(holder: object, property: string, identity: CutoverIdentity): void {
    (holder as Record<string, unknown>)[property] = identity;
  },
  remove: (holder: object, property: string): unknown => Reflect.deleteProperty(holder, property),
};

/** The response of Node below a framework. */
export const nodeResponse = {
  // `io.use` of Socket.IO is often given a middleware of Express with `{}` in place of a response.
  headersOf: (res: OutgoingMessage | undefined): ResponseHeaders | undefined =>
    typeof res?.setHeader === 'function' && !res.headersSent ? res : undefined,
  isAnswered: (res: OutgoingMessage | undefined): boolean => res?.writableEnded === true,
};

/**
 * For frameworks with a request of their own around Node's, whose `set` links the two: where the `cutoverAuth` of another framework
 * refuses the request later, it finds the identity there.
 */
export function linkedBy<Req extends object>(framework: string) {
  const link = Symbol.for(`cognito-cutover.request/${framework}`);
  return {
    ofKey: (key: object): Req | undefined => Reflect.get(key, link) as Req | undefined,
    link(key: object, req: Req): void {
      (key as Record<symbol, Req>)[link] = req;
    },
  };
}

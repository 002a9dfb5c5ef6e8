import type { IncomingMessage, ServerResponse } from 'node:http';
import type { CutoverErrorCode } from '../src/errors.js';
import type { BearerRequest } from '../src/http/bearer.js';
import { CutoverHttpError } from '../src/http/challenge.js';
import { isThenable } from '../src/thenable.js';
import type { CutoverIdentity } from '../src/verify/types.js';
import { decidedAbout } from './core/decided.js';
import { type GuardRule, judgeByRule } from './core/guard-rules.js';
import { ANSWERED, asProperty, type Host, nodeResponse, Refusal, type Verdict } from './core/host.js';
import { type AuthOptions, createDecider } from './core.js';

/** A verifier, or the options to make one; and those of the core. */
export type ForwardAuthOptions = AuthOptions<IncomingMessage>;

/** Answers a proxy that asks whether to let a request through. Never throws or rejects. */
export type ForwardAuth = (req: IncomingMessage, res: ServerResponse) => void | Promise<void>;

type IdentityHeaders = Readonly<Record<`X-Auth-${string}`, string>>;

/**
 * What every answer with status 200 carries where there is nobody. All of the headers, always: a proxy may copy only those that are
 * present, and leave what the client sent in place of the others.
 */
export const NOBODY: IdentityHeaders = Object.freeze({
  'X-Auth-User-Id': '',
  'X-Auth-Pool': '',
  'X-Auth-Sub': '',
  'X-Auth-Client-Id': '',
  'X-Auth-Scopes': '',
  'X-Auth-Groups': '',
  'X-Auth-Kind': '',
});

/** A decision is about one moment: nothing on the way may keep it. */
const NOT_KEPT = { 'Cache-Control': 'no-store' } as const;

/** Of an answer with status 200. Made once for each identity, since an answer is little more than its headers. */
const passed = (identity: IdentityHeaders): IdentityHeaders =>
  Object.freeze({ ...NOT_KEPT, ...identity, 'Content-Length': '0' });

const PASSED_AS_NOBODY = passed(NOBODY);

/** Where proxies put the address that the client asked for. It is read to refuse more, never to allow. */
const ORIGINAL_ADDRESS = ['x-original-uri', 'x-original-url', 'x-forwarded-uri'] as const;

const self = (req: IncomingMessage) => req;
const PROXIED: Host<IncomingMessage, ServerResponse> = {
  keyOf: self,
  ofKey: (key) => key as IncomingMessage,
  bearerOf,
  ...asProperty,
  ...nodeResponse,
};

/** The request with the address that the client asked for: a second token may be in it. */
function bearerOf({ headers, rawHeaders, url }: IncomingMessage): BearerRequest {
  let addresses = url;
  for (const name of ORIGINAL_ADDRESS) {
    const address = headers[name];
    if (address !== undefined) addresses = `${addresses} ${address}`;
  }
  return { headers, rawHeaders, url: addresses };
}

/**
 * The decision about each request as an answer for a proxy: 200 with who it is in `X-Auth-…` headers, or the refusal with the status and
 * headers of the middleware. The body of a request is never read.
 *
 * @throws {@link ConfigurationError} when an option is wrong
 */
export function createForwardAuth(options: ForwardAuthOptions): ForwardAuth {
  const decide = createDecider(PROXIED, options);
  return (req, res) => {
    const verdict = decide(req, res);
    if (!isThenable(verdict)) return answer(verdict, req, res);
    return verdict.then((decided) => answer(decided, req, res));
  };
}

function answer(verdict: Verdict, req: IncomingMessage, res: ServerResponse): void {
  if (verdict === ANSWERED) return;
  try {
    // Nobody where the request is refused or anonymous, and in observe mode, which decides without effect.
    const identity = decidedAbout(req)?.identity;
    const headers = identity === undefined ? PASSED_AS_NOBODY : headersOf(identity);
    const judged = isRule(headers) ? judgeByRule(headers, PROXIED, req, res) : verdict;
    if (judged instanceof Refusal || isRule(headers)) refuse(judged, res);
    else res.writeHead(200, headers).end();
  } catch {
    // Nobody may pass because an answer could not be written.
    if (res.headersSent) res.destroy();
    else res.writeHead(500, NOT_KEPT).end();
  }
}

function refuse(verdict: Verdict, res: ServerResponse): void {
  const error = verdict instanceof Refusal ? verdict.error : undefined;
  if (!(error instanceof CutoverHttpError)) {
    res.writeHead(500, NOT_KEPT).end();
    return;
  }
  const { status, headers, code, message, expose } = error;
  const body = JSON.stringify({ code, ...(expose ? { message } : {}) });
  const about = { 'Content-Type': 'application/json; charset=utf-8', 'Content-Length': Buffer.byteLength(body) };
  res.writeHead(status, { ...NOT_KEPT, ...headers, ...about }).end(body);
}

/** By identity, which cached tokens share. */
const known = new WeakMap<CutoverIdentity, IdentityHeaders | GuardRule>();

function headersOf(identity: CutoverIdentity): IdentityHeaders | GuardRule {
  const made = known.get(identity) ?? makeHeaders(identity);
  known.set(identity, made);
  return made;
}

const isRule = (made: IdentityHeaders | GuardRule): made is GuardRule => 'fits' in made;

/** The headers of an identity, or the rule that it does not meet. */
function makeHeaders({ userId, pool, sub, clientId, scopes, groups, kind }: CutoverIdentity) {
  if (!isVisible(sub) || !isVisible(clientId)) return unfit('ERR_CLAIM_INVALID', 'The sub or the app client');
  if (!isVisible(userId)) return unfit('ERR_LEGACY_ID_INVALID', 'The legacy id');
  const lists = [scopes, groups].map(listOf);
  const [scopeList, groupList] = lists;
  if (scopeList === undefined || groupList === undefined) return unfit('ERR_CLAIM_INVALID', 'A scope or a group');
  return passed({
    'X-Auth-User-Id': userId,
    'X-Auth-Pool': pool,
    'X-Auth-Sub': sub,
    'X-Auth-Client-Id': clientId,
    'X-Auth-Scopes': scopeList,
    'X-Auth-Groups': groupList,
    'X-Auth-Kind': kind,
  });
}

/** An id that a header cannot carry as it is would be another one at the other end. */
const isVisible = (id: string): boolean => /^[\x21-\x7e]+$/.test(id);

/** A list for a header, with spaces between; `undefined` where a name is no valid Unicode. */
function listOf(names: readonly string[]): string | undefined {
  try {
    return names
      .filter((name) => name !== '')
      .map((name) => name.replace(/[^\x21-\x24\x26-\x7e]+/g, encodeURIComponent))
      .join(' ');
  } catch {
    return undefined;
  }
}

function unfit(code: CutoverErrorCode, what: string): GuardRule {
  const message = `${what} has characters that an HTTP header cannot carry.`;
  return { name: 'forward-auth', code, message, fits: () => false };
}

import type { RequestListener } from 'node:http';
import { expect, it } from 'vitest';
import { TextMeter } from '../../src/cli/commands/forward-auth/text-meter.js';
import type { CutoverIdentity, CutoverVerifier, PoolOptions, VerifierOptions } from '../../src/verify/types.js';
import { createCutoverVerifier } from '../../src/verify/verifier.js';
import type { HostParts, Step } from '../support/host-kit.js';
import { CANARY } from './canary.js';
import { fuzz } from './fuzz-run.js';
import type { FuzzTarget } from './fuzz-target.js';
import { compositionsOn, HOSTS } from './request/compositions.js';
import { metricsEventsBy } from './request/exposition/metrics-events.js';
import { forwardAuthOn } from './request/proxied/forward-auth.js';
import { severalPoolsBy } from './request/several-pools.js';

type Create = (options: VerifierOptions) => CutoverVerifier;

/** A host of which each step of a stack becomes another one. */
const changing = (change: (step: Step) => Step): HostParts => {
  const [host] = HOSTS as [HostParts, ...HostParts[]];
  const changed = (routes: ReadonlyMap<string, readonly Step[]>) =>
    new Map([...routes].map(([path, steps]) => [path, steps.map(change)] as const));
  return { ...host, serve: (routes) => host.serve(changed(routes)) };
};
const withoutCompare = ({ compare: _, ...options }: Extract<Step, { auth: unknown }>['auth']) => options;

/** A server of which each answer passes through this. */
const rewriting =
  (rewrite: (status: number, headers: Record<string, string>) => Record<string, string>) =>
  (listener: RequestListener): RequestListener =>
  (req, res) => {
    const write = res.writeHead.bind(res) as (status: number, headers: Record<string, string>) => typeof res;
    const value = (status: number, headers: Record<string, string>) => write(status, rewrite(status, headers));
    listener(req, Object.defineProperty(res, 'writeHead', { value }));
  };
/** Answers every user as the first one. */
function sticking() {
  let first: string | undefined;
  return rewriting((_, { 'X-Auth-User-Id': id, ...headers }) => {
    first ??= id || undefined;
    return id
      ? { ...headers, 'X-Auth-User-Id': `${first}` }
      : { ...headers, ...(id === '' && { 'X-Auth-User-Id': '' }) };
  });
}
const PRIVATE = /Goshawk|osprey|kestrel/;
/** Refuses what it should not have seen, and repeats it. */
const repeating =
  (listener: RequestListener): RequestListener =>
  (req, res) => {
    const seen = req.rawHeaders.find((one) => PRIVATE.test(one));
    if (seen === undefined) listener(req, res);
    else res.writeHead(401).end(seen);
  };

const legacyPoolsOf = ({ legacyPool }: VerifierOptions) => legacyPool as readonly PoolOptions[];
/** Of a client of one legacy pool, it takes tokens of the others. */
const mixing = ((options) => {
  const legacyPool = legacyPoolsOf(options).map((pool) => ({ ...pool, clientIds: null }));
  return createCutoverVerifier({ ...options, legacyPool });
}) as Create;
/** Believes what a legacy token says of its user. */
const believing = ((options) => {
  const verifier = createCutoverVerifier(options);
  const believed = (identity: CutoverIdentity) => {
    const { legacy_sub: claim } = identity.claims;
    return identity.pool === 'legacy' && typeof claim === 'string' ? { ...identity, userId: claim } : identity;
  };
  return Object.assign(Object.create(verifier), {
    verifySync: (token: string) => believed(verifier.verifySync(token)),
    verify: async (token: string) => believed(await verifier.verify(token)),
    status: () => verifier.status(),
  });
}) as Create;
/** Takes legacy tokens after their end. */
const endless = (({ legacyTokens: _, ...options }) => createCutoverVerifier(options)) as Create;

/** A text of metrics that is not what was measured. */
const written = (rewrite: (text: string) => string) => () => {
  const meter = new TextMeter();
  const text = meter.text.bind(meter);
  return Object.assign(meter, { text: () => rewrite(text()) });
};
const raw = (text: string) => text.replace(/\\(.)/g, (_, one) => (one === 'n' ? '\n' : one));

/** A fault that is planted, and how it is reported; where the first seed takes long to come to it, another one. */
it.each<[string, FuzzTarget, RegExp, number?]>([
  [
    'compositions: two middlewares in the place of one that stands twice',
    compositionsOn([changing((step) => ({ ...step }))]),
    /told /,
    3,
  ],
  [
    'compositions: a comparison that is never made',
    compositionsOn([changing((step) => ('auth' in step ? { auth: withoutCompare(step.auth) } : step))]),
    /told accepted/,
    2,
  ],
  [
    'forward-auth: everybody is let through',
    forwardAuthOn(() => (_, res) => res.writeHead(200).end()),
    /another status|headers of nowhere|not the seven/,
  ],
  ['forward-auth: the identity of another user', forwardAuthOn(sticking()), /another identity/],
  [
    'forward-auth: a header that is left to the client',
    forwardAuthOn(rewriting((_, { 'X-Auth-Groups': __, ...headers }) => headers)),
    /not the seven headers/,
  ],
  [
    'forward-auth: a request without an answer',
    forwardAuthOn((inner) => (req, res) => req.method === 'POST' || inner(req, res)),
    /without an answer/,
  ],
  ['forward-auth: a refusal that repeats the token', forwardAuthOn(repeating), /shows a private value/],
  ['several pools: a client of one pool for another', severalPoolsBy(mixing), /accepted, and should be refused/],
  ['several pools: a claim in a legacy token', severalPoolsBy(believing), /another user/],
  [
    'several pools: an end that does not come',
    severalPoolsBy(endless),
    /accepted, and should be refused|status\(\) says/,
  ],
  [
    'metrics: names that end a label',
    metricsEventsBy(written(raw)),
    /no metric begins|no value|an escape|a label that|labels without/,
  ],
  [
    'metrics: a series that is lost',
    metricsEventsBy(written((text) => text.replace(/^.*_total.*accepted.*\n/gm, ''))),
    /is undefined, not/,
  ],
  [
    'metrics: a private value',
    metricsEventsBy(written((text) => `${text}# ${CANARY.email}\n`)),
    /shows a private value/,
  ],
])('%s: is found', async (_what, target, report, seed = 1) => {
  expect((await fuzz(target, { seed, seconds: 20 })).failure?.report).toMatch(report);
});

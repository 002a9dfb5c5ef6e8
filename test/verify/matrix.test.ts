import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type CutoverIdentity,
  createCutoverVerifier,
  type PoolOptions,
  type VerifierOptions,
} from '../../src/index.js';
import { createTestPools, type TestPools } from '../../src/testing/index.js';
import { FakeClock } from '../support/fake-clock.js';
import { outcome, outcomeSync } from '../support/outcome.js';

const clock = new FakeClock();
const NOW = clock.seconds;
const SIGN_INS_BEFORE = NOW - 3600;
const NEW_SUB = '11111111-1111-4111-8111-111111111111';
const LEGACY_ID = '22222222-2222-4222-8222-222222222222';
const RESOLVED_ID = '33333333-3333-4333-8333-333333333333';

/** The tokens: every combination. */
const sides = ['legacy', 'new'] as const;
const kinds = ['id', 'access', 'machine'] as const;
const clients = ['own', 'of the other pool', 'unknown'] as const;
const claims = ['mapped', 'unmapped', 'invalid'] as const;
const signIns = ['before', 'after', 'absent'] as const;

/** The verifiers: every combination. */
const uses = ['access', 'id', 'any'] as const;
const clientLists = ['list', 'any client'] as const;
const resolvers = ['none', 'finds', 'misses', 'fails'] as const;
const onMissings = ['reject', 'own-sub'] as const;
const phases = ['open', 'closed', 'sign-ins limited'] as const;

interface Minted {
  readonly name: string;
  readonly token: string;
  readonly side: (typeof sides)[number];
  readonly kind: (typeof kinds)[number];
  readonly client: (typeof clients)[number];
  readonly claim: (typeof claims)[number];
  readonly signIn: (typeof signIns)[number];
  readonly clientId: string;
  readonly authTime: number | undefined;
}

interface Config {
  readonly use: (typeof uses)[number];
  readonly clientList: (typeof clientLists)[number];
  readonly resolver: (typeof resolvers)[number];
  readonly onMissing: (typeof onMissings)[number];
  readonly phase: (typeof phases)[number];
}

let pools: TestPools;
let tokens: Minted[];

beforeAll(async () => {
  pools = await createTestPools({ serve: false, now: clock.now });
  tokens = mintAll();
});
afterAll(() => pools.close());

function mintAll(): Minted[] {
  const minted: Minted[] = [];
  for (const side of sides)
    for (const kind of kinds)
      for (const client of clients)
        for (const claim of claims) for (const signIn of signIns) minted.push(mint(side, kind, client, claim, signIn));
  return minted;
}

function mint(
  side: Minted['side'],
  kind: Minted['kind'],
  client: Minted['client'],
  claim: Minted['claim'],
  signIn: Minted['signIn'],
): Minted {
  const own = side === 'legacy' ? pools.legacyPool : pools.newPool;
  const other = side === 'legacy' ? pools.newPool : pools.legacyPool;
  const clientId = { own: own.clientId, 'of the other pool': other.clientId, unknown: 'someotherclient' }[client];
  const authTime = { before: SIGN_INS_BEFORE - 10, after: SIGN_INS_BEFORE + 10, absent: undefined }[signIn];
  const legacyId = { mapped: LEGACY_ID, unmapped: undefined, invalid: 'not-a-uuid' }[claim];
  const token = {
    id: () => own.idToken({ sub: NEW_SUB, aud: clientId, auth_time: authTime, 'custom:legacy_sub': legacyId }),
    access: () => own.accessToken({ sub: NEW_SUB, client_id: clientId, auth_time: authTime, legacy_sub: legacyId }),
    machine: () => own.machineToken({ client_id: clientId, auth_time: authTime, legacy_sub: legacyId }),
  }[kind]();
  const name = `${side} pool, ${kind}, client ${client}, ${claim}, auth_time ${signIn}`;
  return { name, token, side, kind, client, claim, signIn, clientId, authTime };
}

function verifierFor(config: Config) {
  const pool = (options: PoolOptions): PoolOptions =>
    config.clientList === 'list' ? options : { ...options, clientIds: null };
  const resolve = {
    none: undefined,
    finds: async () => RESOLVED_ID,
    misses: async () => undefined,
    fails: async () => Promise.reject(new Error('the store is down')),
  }[config.resolver];
  const legacyTokens: Record<Config['phase'], VerifierOptions['legacyTokens']> = {
    open: { acceptUntil: new Date(clock.now() + 60_000) },
    closed: { acceptUntil: new Date(clock.now() - 1) },
    'sign-ins limited': { acceptSignInsBefore: new Date(SIGN_INS_BEFORE * 1000) },
  };
  return createCutoverVerifier({
    legacyPool: pool(pools.legacyPool.options),
    newPool: pool(pools.newPool.options),
    tokenUse: config.use,
    legacyId: { onMissing: config.onMissing, ...(resolve === undefined ? {} : { resolve }) },
    legacyTokens: legacyTokens[config.phase]!,
    clock,
  });
}

interface Expected {
  /** The refusal, or how the identity's user id was found. */
  readonly result: string;
  readonly userId?: string;
  /** The answer hangs on the resolver, so that `verifySync` cannot give it. */
  readonly needsResolver?: boolean;
}

/** What the design says, written as the rules stand there: the first broken rule names the refusal. */
function expected(config: Config, token: Minted): Expected {
  if (token.side === 'legacy' && config.phase === 'closed') return { result: 'ERR_LEGACY_POOL_CLOSED' };
  const use = token.kind === 'id' ? 'id' : 'access';
  if (config.use !== 'any' && config.use !== use) return { result: 'ERR_TOKEN_USE_NOT_ALLOWED' };
  if (config.clientList === 'list' && token.client !== 'own') return { result: 'ERR_CLIENT_NOT_ALLOWED' };
  if (token.kind === 'machine') return { result: 'client', userId: token.clientId };
  if (token.side === 'legacy' && config.phase === 'sign-ins limited' && token.signIn !== 'before') {
    return { result: 'ERR_LEGACY_POOL_CLOSED' };
  }
  if (token.side === 'legacy') return { result: 'sub', userId: NEW_SUB };
  if (token.claim === 'mapped') return { result: 'claim', userId: LEGACY_ID };
  if (token.claim === 'invalid') return { result: 'ERR_LEGACY_ID_INVALID' };
  const needsResolver = config.resolver !== 'none';
  if (config.resolver === 'fails') return { result: 'ERR_LEGACY_ID_UNAVAILABLE', needsResolver };
  if (config.resolver === 'finds') return { result: 'resolver', userId: RESOLVED_ID, needsResolver };
  if (config.onMissing === 'own-sub') return { result: 'own-sub', userId: NEW_SUB, needsResolver };
  return { result: 'ERR_LEGACY_ID_MISSING', needsResolver };
}

/** The identity must be this token's in every field, not only in the user id. */
function faultOf(token: Minted, want: Expected, got: CutoverIdentity | string): string | undefined {
  const result = typeof got === 'string' ? got : got.userIdSource;
  if (result !== want.result) return `expected ${want.result}, got ${result}`;
  if (typeof got === 'string') return undefined;
  const pool = token.side === 'legacy' ? pools.legacyPool : pools.newPool;
  const sub = token.kind === 'machine' ? token.clientId : NEW_SUB;
  const fields = {
    userId: want.userId,
    pool: token.side,
    userPoolId: pool.userPoolId,
    kind: token.kind === 'machine' ? 'machine' : 'user',
    sub,
    username: token.kind === 'machine' ? undefined : NEW_SUB,
    clientId: token.clientId,
    tokenUse: token.kind === 'id' ? 'id' : 'access',
    issuedAt: NOW,
    expiresAt: NOW + 3600,
    authTime: token.authTime,
  };
  for (const [field, value] of Object.entries(fields)) {
    const actual = got[field as keyof CutoverIdentity];
    if (actual !== value) return `${field}: expected ${String(value)}, got ${String(actual)}`;
  }
  const frozen = [got, got.groups, got.scopes, got.claims].every((one) => Object.isFrozen(one));
  return frozen ? undefined : 'not frozen';
}

async function faultsOf(config: Config): Promise<string[]> {
  const cold = verifierFor(config);
  const verifier = verifierFor(config);
  const faults: string[] = [];
  for (const token of tokens) {
    const want = expected(config, token);
    const waiting = { result: 'ERR_LEGACY_ID_UNAVAILABLE' };
    const check = (how: string, fault: string | undefined) => {
      if (fault !== undefined) faults.push(`${token.name}; ${how}: ${fault}`);
    };
    check('sync', faultOf(token, want.needsResolver ? waiting : want, outcomeSync(cold, token.token)));
    check('cold', faultOf(token, want, await outcome(verifier, token.token)));
    check('again', faultOf(token, want, await outcome(verifier, token.token)));
    const again = outcomeSync(verifier, token.token);
    // A verified token may be remembered, its resolver's answer included, but it does not have to be.
    const mayWait = want.needsResolver === true && again === waiting.result;
    check('again, sync', mayWait ? undefined : faultOf(token, want, again));
  }
  cold.close();
  verifier.close();
  return faults;
}

describe.each(uses)('token use %s', (use) => {
  describe.each(clientLists)('clients: %s', (clientList) => {
    describe.each(phases)('legacy pool %s', (phase) => {
      const rest = resolvers.flatMap((resolver) => onMissings.map((onMissing) => ({ resolver, onMissing })));
      it.each(rest)('judges all tokens, resolver $resolver, onMissing $onMissing', async ({ resolver, onMissing }) => {
        expect(tokens).toHaveLength(162);
        expect(await faultsOf({ use, clientList, phase, resolver, onMissing })).toEqual([]);
      });
    });
  });
});

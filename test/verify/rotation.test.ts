import { describe, expect, it } from 'vitest';
import { createCutoverVerifier } from '../../src/index.js';
import { amount } from '../support/amount.js';
import { settled } from '../support/fake-clock.js';
import { issuerKey, part } from '../support/issuer.js';
import { startTimeline } from '../support/key-timeline.js';
import { verdict, verdictSync } from '../support/outcome.js';

const UNAVAILABLE = 'ERR_KEYS_UNAVAILABLE';
const UNKNOWN = 'ERR_KEY_NOT_FOUND';
const HOUR = 3_600_000;

/** Makes tokens of one issuer up, each with another `kid`. */
function floodOf(iss: string) {
  const rest = `${part({ iss })}.${part('signature')}`;
  return (number: number) => `${part({ kid: `flood-${number}`, alg: 'RS256' })}.${rest}`;
}

describe('a key rotation', () => {
  it('is noticed with the first token of a new key, and old tokens stay good', async (context) => {
    const { clock, endpoint, pool, token, verifier } = await startTimeline(context);
    const old = token();
    expect(await verdict(verifier, old)).toBe('accepted');
    await clock.advance(60_000);
    pool.rotateKeys();
    endpoint.publish(pool.jwks());
    expect(verdictSync(verifier, token())).toBe(UNAVAILABLE);
    expect(await verdict(verifier, token())).toBe('accepted');
    expect(verdictSync(verifier, old)).toBe('accepted');
    expect(endpoint.askedAt).toEqual([0, 60]);
  });

  it('is noticed without any such token at the next refresh', async (context) => {
    const { clock, endpoint, keyEvents, pool, token, verifier } = await startTimeline(context);
    const old = token();
    expect(await verdict(verifier, old)).toBe('accepted');
    pool.rotateKeys();
    endpoint.publish(pool.jwks());
    await clock.advance(HOUR);
    expect(await verdict(verifier, old)).toBe('accepted');
    await settled();
    expect(verdictSync(verifier, token())).toBe('accepted');
    await clock.advance(HOUR);
    expect(await verdict(verifier, old)).toBe('accepted');
    await settled();
    expect(keyEvents()).toEqual(['refreshed', 'refreshed', 'unchanged']);
  });

  it('ends the trust in a withdrawn key at the next refresh, for tokens seen before as well', async (context) => {
    const { clock, endpoint, otherPool, pool, token, verifier } = await startTimeline(context);
    const old = token();
    const other = token(otherPool);
    for (const one of [old, other]) expect(await verdict(verifier, one)).toBe('accepted');
    pool.rotateKeys({ keepOld: false });
    endpoint.publish(pool.jwks());
    await clock.advance(HOUR - 1);
    expect(await verdict(verifier, old)).toBe('accepted');
    await clock.advance(1);
    // This one starts the refresh, and the next one meets its outcome.
    expect(await verdict(verifier, old)).toBe('accepted');
    await settled();
    expect(verdictSync(verifier, old)).not.toBe('accepted');
    expect(await verdict(verifier, old)).toBe(UNKNOWN);
    expect(await verdict(verifier, token())).toBe('accepted');
    expect(verdictSync(verifier, other)).toBe('accepted');
  });

  it('under the same kid ends it as well', async (context) => {
    const { clock, endpoint, pool, token, verifier } = await startTimeline(context);
    const old = token();
    expect(await verdict(verifier, old)).toBe('accepted');
    const impostor = issuerKey(pool.kids.access).jwk;
    endpoint.publish({ keys: [impostor] });
    await clock.advance(HOUR);
    expect(await verdict(verifier, old)).toBe('accepted');
    await settled();
    expect(verdictSync(verifier, old)).toBe('ERR_SIGNATURE_INVALID');
  });

  it('also ends trust when a token of the new key brings the news early', async (context) => {
    const { clock, endpoint, pool, token, verifier } = await startTimeline(context);
    const old = token();
    expect(await verdict(verifier, old)).toBe('accepted');
    await clock.advance(60_000);
    pool.rotateKeys({ keepOld: false });
    endpoint.publish(pool.jwks());
    expect(await verdict(verifier, token())).toBe('accepted');
    expect(verdictSync(verifier, old)).toBe(UNKNOWN);
  });
});

describe('keys handed in together with an address', () => {
  it('serve at once, and are refreshed like others', async (context) => {
    const first = await startTimeline(context);
    const { clock, endpoint, otherPool, pool } = first;
    const newPool = { userPoolId: pool.userPoolId, clientIds: [pool.clientId], jwks: pool.jwks() };
    const address = `${pool.issuer}/.well-known/jwks.json`;
    const fetch = endpoint.fetch;
    const verifier = createCutoverVerifier({
      legacyPool: { ...otherPool.options, jwks: otherPool.jwks() },
      newPool: { ...newPool, jwksUri: address },
      tokenUse: 'any',
      keys: { fetch },
      clock,
    });
    expect(verdictSync(verifier, first.token())).toBe('accepted');
    expect(endpoint.askedAt).toEqual([]);
    await clock.advance(HOUR);
    expect(verdictSync(verifier, first.token())).toBe('accepted');
    expect(endpoint.askedAt).toEqual([3600]);
    await clock.advance(25 * HOUR);
    // Those of the pool without an address are for ever, and nobody is asked for them.
    expect(verdictSync(verifier, first.token(otherPool))).toBe('accepted');
    verifier.close();
  });
});

describe('a flood of unknown kids', () => {
  const PER_SECOND = amount(100, 1_000);

  /** Nobody signed these: the kid alone decides. */
  it(`of ${PER_SECOND} a second for three minutes causes one fetch per cooldown, while good tokens pass`, {
    timeout: 120_000,
  }, async (context) => {
    const { clock, endpoint, otherEndpoint, pool, token, verifier } = await startTimeline(context);
    const floodToken = floodOf(pool.issuer);
    await verifier.hydrate();
    const good = token();
    const verdicts = new Map<string, number>();
    let number = 0;
    for (let tenth = 0; tenth < 1800; tenth += 1) {
      const flood = Array.from({ length: PER_SECOND / 10 }, () => {
        number += 1;
        return verdict(verifier, floodToken(number));
      });
      expect(verdictSync(verifier, good)).toBe('accepted');
      if (tenth % 10 === 0) expect(verdictSync(verifier, token())).toBe('accepted');
      for (const code of await Promise.all(flood)) verdicts.set(code, (verdicts.get(code) ?? 0) + 1);
      await clock.advance(100);
    }
    expect(Object.fromEntries(verdicts)).toEqual({ [UNKNOWN]: 180 * PER_SECOND });
    expect(endpoint.askedAt).toEqual([0, 0, 30, 60, 90, 120, 150]);
    expect(otherEndpoint.askedAt).toEqual([0]);
  });

  it.for([
    ['fails', { status: 500 }],
    ['hangs', { hold: true }],
  ] as const)('while the endpoint %s causes no more, and good tokens pass', async ([, fault], context) => {
    const { clock, endpoint, pool, token, verifier } = await startTimeline(context, { timeoutMs: 60_000 });
    const floodToken = floodOf(pool.issuer);
    await verifier.hydrate();
    Object.assign(endpoint, fault);
    const good = token();
    const floods: Promise<string>[] = [];
    for (let second = 0; second < 180; second += 1) {
      for (let call = 0; call < 50; call += 1) floods.push(verdict(verifier, floodToken(second * 50 + call)));
      expect(verdictSync(verifier, good)).toBe('accepted');
      expect(verdictSync(verifier, token())).toBe('accepted');
      await clock.advance(1000);
    }
    expect(endpoint.askedAt.length).toBeLessThanOrEqual(7);
    for (const { answer } of endpoint.held) answer('');
    expect(new Set(await Promise.all(floods)).has('accepted')).toBe(false);
  });

  it('at a cold start causes one fetch for the keys and one per cooldown', async (context) => {
    const { clock, endpoint, pool, token, verifier } = await startTimeline(context);
    const floodToken = floodOf(pool.issuer);
    const good = token();
    for (let second = 0; second < 60; second += 1) {
      await Promise.all(Array.from({ length: 100 }, (_, n) => verdict(verifier, floodToken(second * 100 + n))));
      await clock.advance(1000);
    }
    expect(endpoint.askedAt.length).toBeLessThanOrEqual(4);
    expect(await verdict(verifier, good)).toBe('accepted');
  });

  it.for([
    ['of unknown keys', true],
    ['at a cold start', false],
  ] as const)('lets a thousand wait and refuses the rest at once: %s', async ([, warm], context) => {
    const { clock, endpoint, pool, token, verifier } = await startTimeline(context, { timeoutMs: 60_000 });
    const floodToken = floodOf(pool.issuer);
    if (warm) await verifier.hydrate();
    await clock.advance(60_000);
    endpoint.hold = true;
    const answered: string[] = [];
    const flood = Array.from({ length: 3_000 }, (_, n) =>
      verdict(verifier, floodToken(n)).then((code) => answered.push(code)),
    );
    await settled();
    expect([answered.length, new Set(answered)]).toEqual([2_000, new Set([UNAVAILABLE])]);
    if (warm) expect(await verdict(verifier, token())).toBe('accepted');
    endpoint.held[0]!.answer(JSON.stringify(pool.jwks()));
    await Promise.all(flood);
    expect(answered.filter((code) => code === UNKNOWN)).toHaveLength(1_000);
    endpoint.hold = false;
    expect(await verdict(verifier, token())).toBe('accepted');
  });

  it('keeps to the cooldown that was asked for', async (context) => {
    const { clock, endpoint, pool, verifier } = await startTimeline(context, { cooldownSeconds: 5 });
    const floodToken = floodOf(pool.issuer);
    await verifier.hydrate();
    for (let second = 0; second < 21; second += 1) {
      expect(await verdict(verifier, floodToken(second))).toBe(UNKNOWN);
      await clock.advance(1000);
    }
    expect(endpoint.askedAt).toEqual([0, 0, 5, 10, 15, 20]);
  });
});

describe('many at once', () => {
  it('share one fetch per pool at a cold start', async (context) => {
    const { endpoint, otherEndpoint, otherPool, token, verifier } = await startTimeline(context);
    const tokens = Array.from({ length: 500 }, (_, n) => token(n % 2 === 0 ? undefined : otherPool));
    const verdicts = await Promise.all([...tokens.map((one) => verdict(verifier, one)), verifier.hydrate()]);
    expect(new Set(verdicts.slice(0, -1))).toEqual(new Set(['accepted']));
    expect([endpoint.askedAt, otherEndpoint.askedAt]).toEqual([[0], [0]]);
  });

  it('share one failure as well', async (context) => {
    const { endpoint, token, verifier } = await startTimeline(context);
    endpoint.status = 500;
    const verdicts = await Promise.all(Array.from({ length: 500 }, () => verdict(verifier, token())));
    expect(new Set(verdicts)).toEqual(new Set([UNAVAILABLE]));
    expect(endpoint.askedAt).toEqual([0]);
  });

  it('share one fetch for a new key', async (context) => {
    const { clock, endpoint, pool, token, verifier } = await startTimeline(context);
    await verifier.hydrate();
    await clock.advance(1000);
    pool.rotateKeys();
    endpoint.publish(pool.jwks());
    const verdicts = await Promise.all(Array.from({ length: 500 }, () => verdict(verifier, token())));
    expect(new Set(verdicts)).toEqual(new Set(['accepted']));
    expect(endpoint.askedAt).toEqual([0, 1]);
  });
});

describe('refresh()', () => {
  it('takes a withdrawn key out of use though a fetch from before was under way', async (context) => {
    const { endpoint, pool, token, verifier } = await startTimeline(context);
    await verifier.hydrate();
    const old = token();
    const before = endpoint.body;
    endpoint.hold = true;
    const early = verdict(verifier, floodOf(pool.issuer)(1));
    pool.rotateKeys({ keepOld: false });
    endpoint.publish(pool.jwks());
    endpoint.hold = false;
    const refreshed = verifier.refresh();
    endpoint.held[0]!.answer(before);
    await Promise.all([early, refreshed]);
    expect(await verdict(verifier, old)).toBe(UNKNOWN);
  });
});

describe('close()', () => {
  it('changes nothing for keys that were handed in and never fetched', async (context) => {
    const { clock, pool } = await startTimeline(context);
    const newPool = { userPoolId: pool.userPoolId, clientIds: [pool.clientId], jwks: pool.jwks() };
    const verifier = createCutoverVerifier({ newPool, tokenUse: 'any', clock });
    verifier.close();
    expect(await verdict(verifier, pool.machineToken())).toBe('accepted');
    expect(await verdict(verifier, floodOf(pool.issuer)(1))).toBe(UNKNOWN);
  });

  it('ends a fetch under way at once', async (context) => {
    const { endpoint, token, verifier } = await startTimeline(context, { timeoutMs: 60_000 });
    endpoint.hold = true;
    const waiting = verdict(verifier, token());
    await settled();
    verifier.close();
    expect(await waiting).toBe(UNAVAILABLE);
    expect(endpoint.held[0]!.signal.aborted).toBe(true);
  });

  it('starts no further fetch; keys at hand serve until they are too old', async (context) => {
    const { clock, endpoint, pool, token, verifier } = await startTimeline(context);
    await verifier.hydrate();
    verifier.close();
    verifier.close();
    expect(await verdict(verifier, token())).toBe('accepted');
    expect(await verdict(verifier, floodOf(pool.issuer)(1))).toBe(UNAVAILABLE);
    await clock.advance(2 * HOUR);
    expect(await verdict(verifier, token())).toBe('accepted');
    await clock.advance(30 * HOUR);
    expect(await verdict(verifier, token())).toBe(UNAVAILABLE);
    pool.rotateKeys();
    expect(await verdict(verifier, token())).toBe(UNAVAILABLE);
    expect(await verifier.hydrate().catch((error: unknown) => error)).toBeInstanceOf(AggregateError);
    expect(endpoint.askedAt).toEqual([0]);
  });
});

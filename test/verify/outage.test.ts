import { describe, expect, it } from 'vitest';
import type { CutoverError } from '../../src/index.js';
import { settled } from '../support/fake-clock.js';
import { startTimeline } from '../support/key-timeline.js';
import { verdict, verdictSync } from '../support/outcome.js';

const UNAVAILABLE = 'ERR_KEYS_UNAVAILABLE';
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

describe('a start without keys', () => {
  it('answers 503 and when to come again, and tries after 1, 2, 4 … 60 seconds', async (context) => {
    const { clock, endpoint, keys, token, verifier } = await startTimeline(context);
    endpoint.status = 500;
    for (let second = 0; second < 250; second += 1) {
      const error = await verifier.verify(token()).catch((reason: CutoverError) => reason);
      expect(error).toMatchObject({ code: UNAVAILABLE, status: 503, pool: 'new' });
      const { nextTryAt, keys: state } = keys();
      expect(state).toBe('missing');
      expect((error as CutoverError).retryAfterSeconds).toBe((nextTryAt!.getTime() - clock.now()) / 1000);
      await clock.advance(1000);
    }
    expect(endpoint.askedAt).toEqual([0, 1, 3, 7, 15, 31, 63, 123, 183, 243]);
  });

  it('ends with the first good answer, and the next outage starts from one second again', async (context) => {
    const { clock, endpoint, keys, keyEvents, token, verifier } = await startTimeline(context);
    endpoint.status = 503;
    for (const wait of [1000, 2000, 4000]) {
      expect(await verdict(verifier, token())).toBe(UNAVAILABLE);
      await clock.advance(wait);
    }
    endpoint.status = 200;
    expect(await verdict(verifier, token())).toBe('accepted');
    expect(keys()).toMatchObject({ keys: 'fresh', fetchedAt: new Date(clock.now()) });
    expect(keys()).not.toHaveProperty('nextTryAt');
    endpoint.status = 500;
    await clock.advance(DAY + 1);
    for (const wait of [1000, 2000, 0]) {
      expect(await verdict(verifier, token())).toBe(UNAVAILABLE);
      await clock.advance(wait);
    }
    const first = (DAY + 7001) / 1000;
    expect(endpoint.askedAt).toEqual([0, 1, 3, 7, first, first + 1, first + 3]);
    expect(keyEvents()).toEqual(['failed', 'failed', 'failed', 'refreshed', 'failed', 'failed', 'failed']);
  });

  it('does not hold up verifySync, which starts the fetch that the next call profits from', async (context) => {
    const { endpoint, token, verifier } = await startTimeline(context);
    expect(verdictSync(verifier, token())).toBe(UNAVAILABLE);
    await settled();
    expect(verdictSync(verifier, token())).toBe('accepted');
    expect(endpoint.askedAt).toHaveLength(1);
  });

  it('is told by hydrate(), pool by pool', async (context) => {
    const { endpoint, otherEndpoint, otherPool, pool, verifier } = await startTimeline(context);
    endpoint.status = 500;
    const results = await verifier.hydrate();
    expect(results).toHaveLength(2);
    expect(results).toContainEqual({ pool: 'legacy', userPoolId: otherPool.userPoolId, ok: true });
    const failed = results.find(({ ok }) => !ok);
    expect(failed).toMatchObject({ pool: 'new', userPoolId: pool.userPoolId, error: expect.any(Error) });
    otherEndpoint.status = 500;
    expect(await verifier.hydrate().then((again) => again.map(({ ok }) => ok))).toEqual([true, false]);
  });
});

describe('keys lost to an outage', () => {
  it('serve a day, for tokens seen and unseen, and then no longer', async (context) => {
    const { clock, endpoint, keys, otherPool, token, verifier } = await startTimeline(context);
    const seen = token();
    expect(await verdict(verifier, seen)).toBe('accepted');
    endpoint.status = 500;
    const judgeAll = async () => [
      await verdict(verifier, seen),
      await verdict(verifier, token()),
      verdictSync(verifier, seen),
      verdictSync(verifier, token()),
    ];
    const all = (code: string) => [code, code, code, code];
    expect(keys().keys).toBe('fresh');
    await clock.advance(HOUR);
    expect(keys().keys).toBe('stale');
    expect(await judgeAll()).toEqual(all('accepted'));
    await clock.advance(DAY - HOUR);
    expect(await judgeAll()).toEqual(all('accepted'));
    await clock.advance(1);
    expect(keys().keys).toBe('missing');
    expect(await judgeAll()).toEqual(all(UNAVAILABLE));
    expect(await verdict(verifier, token(otherPool))).toBe('accepted');
    endpoint.status = 200;
    await clock.advance(60_000);
    expect(await judgeAll()).toEqual(all('accepted'));
    expect(keys().keys).toBe('fresh');
  });

  it('are asked for in the background only, and never more often than once a minute', async (context) => {
    const { clock, endpoint, token, verifier } = await startTimeline(context);
    await verifier.hydrate();
    endpoint.status = 500;
    await clock.advance(HOUR - 1000);
    for (let minute = 0; minute < 180; minute += 1) {
      for (let call = 0; call < 20; call += 1) expect(verdictSync(verifier, token())).toBe('accepted');
      await clock.advance(60_000);
    }
    // One answer at the start, then tries at least a minute apart: the first doublings fall within the first minutes.
    expect(endpoint.askedAt.length).toBeGreaterThan(100);
    expect(endpoint.askedAt.length).toBeLessThanOrEqual(181);
  });

  it('are not asked for when no token comes', async (context) => {
    const { clock, endpoint, verifier } = await startTimeline(context);
    await verifier.hydrate();
    await clock.advance(30 * DAY);
    expect(endpoint.askedAt).toEqual([0]);
    expect(clock.sleeping).toBe(0);
  });

  it('make an unknown kid a reason to wait, not to refuse', async (context) => {
    const { clock, endpoint, pool, token, verifier } = await startTimeline(context);
    await verifier.hydrate();
    endpoint.status = 500;
    pool.rotateKeys();
    expect(await verdict(verifier, token())).toBe(UNAVAILABLE);
    endpoint.status = 200;
    endpoint.publish(pool.jwks());
    await clock.advance(30_000);
    expect(await verdict(verifier, token())).toBe('accepted');
  });
});

it('keys may be kept for no time at all', async (context) => {
  const fraction = (clock: { now(): number }) => {
    let calls = 0;
    return { now: clock.now, monotonic: () => clock.now() + ++calls / 1_000 };
  };
  const { token, verifier } = await startTimeline(context, { maxStaleSeconds: 0 }, {}, fraction);
  for (let call = 0; call < 3; call += 1) expect(await verdict(verifier, token())).toBe('accepted');
});

it('who waits for an unknown kid during an outage is told when the next try is', async (context) => {
  const { clock, endpoint, pool, token, verifier } = await startTimeline(context);
  await verifier.hydrate();
  endpoint.status = 500;
  pool.rotateKeys();
  await clock.advance(1_000);
  const retryAfter = () => verifier.verify(token()).catch(({ retryAfterSeconds }) => retryAfterSeconds);
  expect(await retryAfter()).toBe(30);
  await clock.advance(20_000);
  expect(await retryAfter()).toBe(10);
  endpoint.status = 200;
  endpoint.publish(pool.jwks());
  await clock.advance(10_000);
  expect(await verdict(verifier, token())).toBe('accepted');
});

describe('an endpoint that is slow', () => {
  it('ends in 503 once the time limit is over, and is told so', async (context) => {
    const { endpoint, token, verifier } = await startTimeline(context, { timeoutMs: 20 });
    endpoint.hold = true;
    expect(await verdict(verifier, token())).toBe(UNAVAILABLE);
    expect(endpoint.held.map(({ signal }) => signal.aborted)).toEqual([true]);
  });

  it('holds up no hydrate() while there are keys to work with', async (context) => {
    const { clock, endpoint, keys, verifier } = await startTimeline(context, { timeoutMs: 60_000 });
    await verifier.hydrate();
    endpoint.hold = true;
    await clock.advance(2 * HOUR);
    // The endpoint never answers: this would not come back if it waited for it.
    expect((await verifier.hydrate()).map(({ ok }) => ok)).toEqual([true, true]);
    expect([endpoint.held.length, keys().keys]).toEqual([1, 'stale']);
  });

  it('holds up nobody whose key is known', async (context) => {
    const { clock, endpoint, keys, token, verifier } = await startTimeline(context, { timeoutMs: 60_000 });
    await verifier.hydrate();
    const { body } = endpoint;
    endpoint.hold = true;
    await clock.advance(2 * HOUR);
    for (let call = 0; call < 50; call += 1) expect(verdictSync(verifier, token())).toBe('accepted');
    expect(endpoint.askedAt).toEqual([0, 7200]);
    expect(keys().keys).toBe('stale');
    endpoint.held[0]!.answer(body);
    await settled();
    expect(keys()).toMatchObject({ keys: 'fresh', fetchedAt: new Date(clock.now()) });
  });

  it('cannot bring back withdrawn keys with an answer that comes too late', async (context) => {
    const { clock, endpoint, pool, token, verifier } = await startTimeline(context, { timeoutMs: 1_000 });
    await verifier.hydrate();
    const old = token();
    const before = endpoint.body;
    endpoint.hold = true;
    await clock.advance(2 * HOUR);
    expect(await verdict(verifier, old)).toBe('accepted');
    pool.rotateKeys({ keepOld: false });
    // A new key waits for the fetch under way, which runs into the time limit.
    expect(await verdict(verifier, token())).toBe(UNAVAILABLE);
    endpoint.hold = false;
    endpoint.publish(pool.jwks());
    await clock.advance(60_000);
    expect(await verdict(verifier, token())).toBe('accepted');
    expect(await verdict(verifier, old)).toBe('ERR_KEY_NOT_FOUND');
    endpoint.held[0]!.answer(before);
    await settled();
    expect(await verdict(verifier, old)).toBe('ERR_KEY_NOT_FOUND');
    expect(await verdict(verifier, token())).toBe('accepted');
  });
});

describe('an answer that is not a key set', () => {
  const ec = { kty: 'EC', crv: 'P-256', kid: 'e', alg: 'ES256', use: 'sig', x: 'AA', y: 'AA' };
  const bad: Readonly<Record<string, (good: string) => { status?: number; body?: string }>> = {
    'status 404': () => ({ status: 404 }),
    'status 204': () => ({ status: 204 }),
    'a redirect': () => ({ status: 302 }),
    nothing: () => ({ body: '' }),
    HTML: () => ({ body: '<html></html>' }),
    'half of it': (good) => ({ body: good.slice(0, good.length / 2) }),
    null: () => ({ body: 'null' }),
    'an array': (good) => ({ body: `[${good}]` }),
    'no keys member': () => ({ body: '{}' }),
    'keys that are no array': () => ({ body: '{"keys":{}}' }),
    'an empty set': () => ({ body: '{"keys":[]}' }),
    'keys that are null': () => ({ body: '{"keys":[null]}' }),
    'keys without a modulus': (good) => ({ body: good.replaceAll('"n"', '"m"') }),
    'keys with an odd modulus': (good) => ({ body: good.replaceAll(/"n":"[^"]+"/g, '"n":"!"') }),
    'keys with numbers as kid': (good) => ({ body: good.replaceAll(/"kid":"[^"]+"/g, '"kid":1') }),
    'one kid twice': (good) => ({ body: good.replaceAll(/"kid":"[^"]+"/g, '"kid":"same"') }),
    'keys for something else only': () => ({ body: JSON.stringify({ keys: [ec] }) }),
    'more than 64 KiB': (good) => ({ body: `${good}${' '.repeat(65_536)}` }),
  };

  it.for(Object.entries(bad))('%s: never replaces a good set, and is no good start', async ([, spoil], context) => {
    const { clock, endpoint, keys, keyEvents, token, verifier } = await startTimeline(context);
    const good = endpoint.body;
    Object.assign(endpoint, spoil(good));
    expect(await verdict(verifier, token())).toBe(UNAVAILABLE);
    Object.assign(endpoint, { status: 200, body: good });
    await clock.advance(1000);
    expect(await verdict(verifier, token())).toBe('accepted');
    Object.assign(endpoint, spoil(good));
    await clock.advance(HOUR);
    for (let call = 0; call < 3; call += 1) {
      expect(await verdict(verifier, token())).toBe('accepted');
      await clock.advance(60_000);
    }
    expect(keys().keys).toBe('stale');
    expect(keyEvents()).toEqual(['failed', 'refreshed', 'failed', 'failed', 'failed']);
  });
});

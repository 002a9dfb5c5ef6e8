import { describe, expect, it } from 'vitest';
import type { CutoverError } from '../../src/index.js';
import { settled } from '../support/fake-clock.js';
import { startTimeline } from '../support/key-timeline.js';
import { verdict, verdictSync } from '../support/outcome.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** A clock that tells only the time of day, as an application may hand in. */
const wallOnly = (clock: { now(): number }) => ({ now: () => clock.now() });

describe.each([
  ['the wall clock is a day ahead at boot, and then corrected', -DAY],
  ['the wall clock is a day behind at boot, and then corrected', DAY],
])('%s', (_, step) => {
  describe.each(['with', 'without'])('%s a monotonic clock', (monotonic) => {
    const start = async (context: Parameters<typeof startTimeline>[0]) => {
      const timeline = await startTimeline(context);
      if (monotonic === 'with') return timeline;
      return startTimeline(context, {}, {}, wallOnly);
    };

    it('keys are refreshed in time', async (context) => {
      const { clock, endpoint, token, verifier } = await start(context);
      await verifier.hydrate();
      const before = endpoint.askedAt.length;
      clock.setWallClock(step);
      for (let hour = 1; hour <= 3; hour += 1) {
        await clock.advance(HOUR);
        expect(await verdict(verifier, token())).toBe('accepted');
        await settled();
      }
      expect(endpoint.askedAt.length - before).toBe(3);
    });

    it('a rotation is noticed, once per cooldown', async (context) => {
      const { clock, endpoint, pool, token, verifier } = await start(context);
      await verifier.hydrate();
      pool.rotateKeys();
      expect(await verdict(verifier, token())).toBe('ERR_KEY_NOT_FOUND');
      clock.setWallClock(step);
      endpoint.publish(pool.jwks());
      await clock.advance(30_000);
      expect(await verdict(verifier, token())).toBe('accepted');
    });

    it('an outage ends in time, and nobody is told to stay away for a day', async (context) => {
      const { clock, endpoint, token, verifier } = await start(context);
      endpoint.status = 500;
      expect(await verdict(verifier, token())).toBe('ERR_KEYS_UNAVAILABLE');
      clock.setWallClock(step);
      const error = await verifier.verify(token()).catch((reason: CutoverError) => reason);
      // Where the time of day is all there is, a step counts as time: the next try comes early, never late.
      if (monotonic === 'with') expect(error).toMatchObject({ retryAfterSeconds: 1 });
      endpoint.status = 200;
      await clock.advance(2_000);
      expect(await verdict(verifier, token())).toBe('accepted');
    });
  });
});

it('the time that a legacy id is remembered for does not grow when the clock steps back', async (context) => {
  let asked = 0;
  const resolve = () => {
    asked += 1;
    return '0b6a3f0e-5c3e-4a8e-9d7e-111111111111';
  };
  const { clock, pool, verifier } = await startTimeline(context, {}, { legacyId: { resolve } });
  await verifier.hydrate();
  const token = pool.accessToken({ exp: clock.seconds + 7_200 });
  expect(verdictSync(verifier, token)).toBe('accepted');
  clock.setWallClock(-HOUR / 60);
  await clock.advance(300_001);
  expect(verdictSync(verifier, token)).toBe('accepted');
  expect(asked).toBe(2);
});

it('a cached token that was refused as expired is judged again as a whole when the clock steps back', async (context) => {
  const { clock, pool, token, verifier } = await startTimeline(context);
  await verifier.hydrate();
  const short = pool.machineToken({ exp: clock.seconds + 600 });
  const long = token();
  for (const one of [short, long]) expect(verdictSync(verifier, one)).toBe('accepted');
  await clock.advance(HOUR);
  for (const _time of [1, 2]) expect(verdictSync(verifier, short)).toBe('ERR_TOKEN_EXPIRED');
  clock.setWallClock(-2 * HOUR);
  // One that was not refused goes on: people are not signed out by a clock that is wrong for a while.
  expect([verdictSync(verifier, short), verdictSync(verifier, long)]).toEqual(['ERR_TOKEN_NOT_YET_VALID', 'accepted']);
  clock.setWallClock(HOUR);
  expect(verdictSync(verifier, short)).toBe('accepted');
  clock.setWallClock(-HOUR);
  // Accepted by a clock that could be right, it is in use again.
  expect(verdictSync(verifier, short)).toBe('accepted');
});

it('a host whose clock lags accepts tokens that were just issued', async (context) => {
  const { clock, pool, verifier } = await startTimeline(context);
  await verifier.hydrate();
  const token = pool.machineToken();
  clock.setWallClock(-299_000);
  expect(verdictSync(verifier, token)).toBe('accepted');
  clock.setWallClock(-2_000);
  expect(verdictSync(verifier, pool.machineToken({ iat: clock.seconds + 301 }))).toBe('ERR_TOKEN_NOT_YET_VALID');
});

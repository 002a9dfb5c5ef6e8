import { expect } from 'vitest';
import { startTimeline } from '../../support/key-timeline.js';
import { verdict } from '../../support/outcome.js';
import { fault } from '../fault.js';

const UNAVAILABLE = 'ERR_KEYS_UNAVAILABLE';
const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const DAY = 24 * HOUR;

fault(
  'the key endpoint is up and down every few seconds for an hour',
  'no token is refused, and the endpoint is asked at most once a second',
  async (context) => {
    const { clock, endpoint, keys, token, verifier } = await startTimeline(
      context,
      { refreshSeconds: 30 },
      { cache: false },
    );
    await verifier.hydrate();
    const one = token();
    const codes = new Set<string>();
    for (let second = 0; second < 3_600; second += 1) {
      endpoint.status = second % 7 < 4 ? 500 : 200;
      codes.add(await verdict(verifier, one));
      await clock.advance(SECOND);
    }
    expect([...codes]).toEqual(['accepted']);
    const gaps = endpoint.askedAt.slice(1).map((at, index) => at - endpoint.askedAt[index]!);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(1);
    expect(endpoint.askedAt.length).toBeLessThan(400);
    endpoint.status = 200;
    await clock.advance(60 * SECOND);
    await verdict(verifier, one);
    await clock.advance(0);
    expect(keys().keys).toBe('fresh');
  },
);

fault(
  'the key endpoints of both pools are down for a day and a half',
  'tokens of both pools are accepted for a day, then 503; accepted again within a minute of the end',
  async (context) => {
    const { clock, endpoint, otherEndpoint, otherPool, token, verifier } = await startTimeline(context);
    await verifier.hydrate();
    endpoint.status = otherEndpoint.status = 503;
    const both = async () => [await verdict(verifier, token()), await verdict(verifier, token(otherPool))];
    for (let hour = 0; hour <= 36; hour += 1) {
      const expected = hour <= 24 ? 'accepted' : UNAVAILABLE;
      expect([hour, ...(await both())]).toEqual([hour, expected, expected]);
      await clock.advance(HOUR);
    }
    endpoint.status = otherEndpoint.status = 200;
    await clock.advance(60 * SECOND);
    expect(await both()).toEqual(['accepted', 'accepted']);
  },
);

fault(
  'the legacy pool is deleted, and its key endpoint answers 404 or 400 for a month',
  'tokens of the new pool are never touched; legacy tokens get 503, never 401, until the date at which the pool closes',
  async (context) => {
    const closesAt = new Date(Date.UTC(2026, 0, 15, 12) + 20 * DAY);
    const legacyTokens = { acceptUntil: closesAt };
    const options = { legacyTokens, cache: false } as const;
    const { clock, otherEndpoint, otherPool, token, verifier } = await startTimeline(context, {}, options);
    await verifier.hydrate();
    const [legacy, unseen] = [token(otherPool), token()];
    const seen = new Map<string, Set<string>>();
    const note = (what: string, code: string) => seen.set(what, (seen.get(what) ?? new Set()).add(code));
    for (let hour = 0; hour < 28 * 24; hour += 1) {
      otherEndpoint.status = hour % 2 === 0 ? 404 : 400;
      note('new', await verdict(verifier, unseen));
      const when = hour <= 24 ? 'first day' : clock.now() <= closesAt.getTime() ? 'until it closes' : 'closed';
      note(when, await verdict(verifier, legacy));
      await clock.advance(HOUR);
    }
    expect(Object.fromEntries([...seen].map(([what, codes]) => [what, [...codes].join()]))).toEqual({
      new: 'accepted',
      'first day': 'accepted',
      'until it closes': UNAVAILABLE,
      closed: 'ERR_LEGACY_POOL_CLOSED',
    });
    // An hour apart, since nobody asks between, and no more once the pool is closed.
    expect(otherEndpoint.askedAt.length).toBeLessThanOrEqual(20 * 24 + 2);
    expect(otherEndpoint.askedAt.at(-1)).toBeLessThanOrEqual((20 * DAY) / SECOND);
  },
);

fault(
  'the legacy pool is deleted for good while a busy service still accepts its tokens',
  'its endpoint is asked at most once a minute, and legacy tokens get 503 with a pause of at most a minute',
  async (context) => {
    const { clock, otherEndpoint, otherPool, token, verifier } = await startTimeline(context);
    otherEndpoint.status = 404;
    const legacy = token(otherPool);
    const answers = new Set<unknown>();
    const refused = async (times: number, everyMs: number) => {
      const before = otherEndpoint.askedAt.length;
      for (let time = 0; time < times; time += 1) {
        const error = await verifier.verify(legacy).catch((refusal) => refusal);
        answers.add(`${error.code} ${error.retryAfterSeconds <= 60}`);
        // Nobody sleeps here: quicker than to look for sleepers.
        clock.freeze(everyMs);
      }
      return otherEndpoint.askedAt.length - before;
    };
    expect(await refused(60, 60 * SECOND)).toBe(60);
    expect(await refused(4_000, 10 * 60 * SECOND)).toBe(4_000);
    expect(await refused(3_600, SECOND)).toBeLessThanOrEqual(61);
    expect([...answers]).toEqual([`${UNAVAILABLE} true`]);
  },
);

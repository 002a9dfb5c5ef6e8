import { beforeEach, describe, expect, it, vi } from 'vitest';
import { settled } from '../support/fake-clock.js';
import { startTimeline } from '../support/key-timeline.js';
import { verdict, verdictSync } from '../support/outcome.js';

const HOUR = 3_600_000;

describe.each([
  ['AWS_LAMBDA_FUNCTION_NAME', 'authorizer'],
  ['AWS_EXECUTION_ENV', 'AWS_Lambda_nodejs22.x'],
])('in AWS Lambda, which sets %s', (name, value) => {
  beforeEach(() => {
    vi.stubEnv(name, value);
  });

  it('a refresh that is due is waited for, for tokens seen and unseen', async (context) => {
    const { clock, endpoint, keys, token, verifier } = await startTimeline(context);
    const seen = token();
    expect(await verdict(verifier, seen)).toBe('accepted');
    for (const one of [seen, token()]) {
      endpoint.hold = true;
      await clock.advance(HOUR);
      let answered = false;
      const waiting = verdict(verifier, one).finally(() => {
        answered = true;
      });
      await settled();
      expect([answered, keys().keys]).toEqual([false, 'stale']);
      endpoint.held.at(-1)!.answer(endpoint.body);
      expect([await waiting, keys().keys]).toEqual(['accepted', 'fresh']);
    }
  });

  it('one that was under way when the process was frozen is waited for by the next call', async (context) => {
    const { clock, endpoint, pool, token, verifier } = await startTimeline(context);
    const old = token();
    expect(await verdict(verifier, old)).toBe('accepted');
    endpoint.hold = true;
    await clock.advance(HOUR);
    expect(verdictSync(verifier, old)).toBe('accepted');
    pool.rotateKeys({ keepOld: false });
    const waiting = verdict(verifier, old);
    endpoint.held[0]!.answer(JSON.stringify(pool.jwks()));
    expect(await waiting).toBe('ERR_KEY_NOT_FOUND');
  });

  it('one that fails leaves the present keys in use, and is not repeated by every call', async (context) => {
    const { clock, endpoint, token, verifier } = await startTimeline(context);
    await verifier.hydrate();
    endpoint.status = 500;
    await clock.advance(HOUR);
    for (let call = 0; call < 100; call += 1) expect(await verdict(verifier, token())).toBe('accepted');
    expect(endpoint.askedAt).toEqual([0, 3600]);
    await clock.advance(24 * HOUR);
    expect(await verdict(verifier, token())).toBe('ERR_KEYS_UNAVAILABLE');
  });

  it('verifySync does not wait', async (context) => {
    const { clock, endpoint, token, verifier } = await startTimeline(context);
    await verifier.hydrate();
    endpoint.hold = true;
    await clock.advance(HOUR);
    expect(verdictSync(verifier, token())).toBe('accepted');
  });
});

it('elsewhere nobody waits for a refresh', async (context) => {
  vi.stubEnv('AWS_EXECUTION_ENV', 'AWS_ECS_FARGATE');
  const { clock, endpoint, token, verifier } = await startTimeline(context);
  await verifier.hydrate();
  endpoint.hold = true;
  await clock.advance(HOUR);
  expect(await verdict(verifier, token())).toBe('accepted');
});

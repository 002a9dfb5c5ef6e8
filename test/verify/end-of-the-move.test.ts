import { describe, expect, it } from 'vitest';
import { createCutoverVerifier } from '../../src/index.js';
import { settled } from '../support/fake-clock.js';
import { startTimeline } from '../support/key-timeline.js';
import { verdict, verdictSync } from '../support/outcome.js';

const CLOSED = 'ERR_LEGACY_POOL_CLOSED';

describe('a legacy pool that is closed', () => {
  it('may be deleted: its tokens are told so, and nobody asks for its keys', async (context) => {
    const { clock, otherEndpoint, otherPool, token, verifier } = await startTimeline(
      context,
      {},
      { legacyTokens: { acceptUntil: new Date(Date.UTC(2026, 0, 1)) } },
    );
    otherEndpoint.status = 404;
    const legacy = [otherPool.machineToken(), otherPool.idToken(), otherPool.accessToken({ client_id: 'unknown' })];
    for (let hour = 0; hour < 50; hour += 1) {
      for (const one of legacy)
        expect([await verdict(verifier, one), verdictSync(verifier, one)]).toEqual([CLOSED, CLOSED]);
      expect(await verdict(verifier, token())).toBe('accepted');
      await clock.advance(3_600_000);
    }
    expect(otherEndpoint.askedAt).toEqual([]);
  });

  it('closes for tokens that were seen before, and is then no longer asked for keys', async (context) => {
    let end = new Date(Date.UTC(2030, 0, 1));
    const { clock, otherEndpoint, otherPool, verifier } = await startTimeline(
      context,
      {},
      { legacyTokens: { acceptUntil: () => end } },
    );
    const seen = otherPool.machineToken({ exp: clock.seconds + 30 * 86_400 });
    expect(await verdict(verifier, seen)).toBe('accepted');
    end = new Date(clock.now() - 1);
    otherEndpoint.status = 404;
    await clock.advance(2 * 86_400_000);
    expect(await verdict(verifier, seen)).toBe(CLOSED);
    expect(otherEndpoint.askedAt).toEqual([0]);
  });

  it('closes while keys are fetched for a token as well', async (context) => {
    let end = new Date(Date.UTC(2030, 0, 1));
    const options = { legacyTokens: { acceptUntil: () => end } };
    const { clock, otherEndpoint, otherPool, verifier } = await startTimeline(context, {}, options);
    otherEndpoint.hold = true;
    const waiting = verdict(verifier, otherPool.machineToken());
    await settled();
    end = new Date(clock.now() - 1);
    otherEndpoint.held[0]!.answer(otherEndpoint.body);
    expect(await waiting).toBe(CLOSED);
  });

  it('is no reason to be not ready, and no reason to be ready', async (context) => {
    const acceptUntil = new Date(Date.UTC(2026, 0, 1));
    const { clock, endpoint, otherEndpoint, verifier } = await startTimeline(
      context,
      {},
      { legacyTokens: { acceptUntil } },
    );
    otherEndpoint.status = 404;
    expect((await verifier.hydrate()).map(({ pool, ok }) => [pool, ok])).toEqual([
      ['legacy', true],
      ['new', true],
    ]);
    endpoint.status = 500;
    await clock.advance(25 * 3_600_000);
    await expect(verifier.hydrate()).rejects.toBeInstanceOf(AggregateError);
    expect(otherEndpoint.askedAt).toEqual([]);
  });
});

it.for([
  ['left out', {}],
  ['an empty list', { legacyPool: [] }],
] as const)('without a legacy pool only the new pool is left: %s', async ([, none], context) => {
  const { clock, endpoint, otherPool, pool, token } = await startTimeline(context);
  const verifier = createCutoverVerifier({
    ...none,
    newPool: { userPoolId: pool.userPoolId, clientIds: [pool.clientId] },
    tokenUse: 'any',
    keys: { fetch: endpoint.fetch },
    clock,
  });
  expect(await verdict(verifier, token())).toBe('accepted');
  expect(await verdict(verifier, otherPool.idToken())).toBe('ERR_ISSUER_NOT_TRUSTED');
  expect(verifier.status()).toHaveLength(1);
  expect(await verifier.hydrate()).toHaveLength(1);
});

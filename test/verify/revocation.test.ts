import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type CutoverEvent, createCutoverVerifier, type VerifierOptions } from '../../src/index.js';
import { createTestPools, type TestPools } from '../../src/testing/index.js';
import { revocationGate } from '../../src/verify/revocation.js';
import type { CutoverIdentity } from '../../src/verify/types.js';

let pools: TestPools;
beforeAll(async () => {
  pools = await createTestPools({ serve: false });
});
afterAll(() => pools.close());

function start(isRevoked: unknown, more: Partial<VerifierOptions> = {}) {
  const events: CutoverEvent[] = [];
  const verifier = createCutoverVerifier({
    legacyPool: pools.legacyPool.options,
    newPool: pools.newPool.options,
    tokenUse: 'any',
    isRevoked: isRevoked as NonNullable<VerifierOptions['isRevoked']>,
    onEvent: (event) => events.push(event),
    ...more,
  });
  return { events, verifier };
}

const throwing = () => {
  throw new Error('the denylist is down');
};

describe('isRevoked', () => {
  it('is asked at every use, of cached tokens too, with the identity', async () => {
    const isRevoked = vi.fn(() => false);
    const { verifier } = start(isRevoked);
    const token = pools.legacyPool.accessToken({ sub: 'me', origin_jti: 'session' });
    const first = verifier.verifySync(token);
    expect(verifier.verifySync(token)).toBe(first);
    expect(await verifier.verify(token)).toBe(first);
    expect(isRevoked.mock.calls).toEqual([[first], [first], [first]]);
    expect(first.claims['origin_jti']).toBe('session');
  });

  it('refuses a token that was accepted before', async () => {
    const denied = new Set<unknown>();
    const { verifier, events } = start(async ({ claims }: { claims: Record<string, unknown> }) =>
      denied.has(claims['jti']),
    );
    const token = pools.legacyPool.accessToken({ jti: 'one' });
    await verifier.verify(token);
    denied.add('one');
    await expect(verifier.verify(token)).rejects.toMatchObject({
      code: 'ERR_TOKEN_REVOKED',
      status: 401,
      pool: 'legacy',
    });
    denied.clear();
    await verifier.verify(token);
    expect(events.map((event) => (event.type === 'accepted' ? event.cached : event.type))).toEqual([
      false,
      'rejected',
      true,
    ]);
  });

  it('is not asked of a token that is refused anyway', async () => {
    const isRevoked = vi.fn(() => false);
    const { verifier } = start(isRevoked);
    await expect(verifier.verify(pools.newPool.accessToken())).rejects.toMatchObject({ code: 'ERR_LEGACY_ID_MISSING' });
    expect(isRevoked).not.toHaveBeenCalled();
  });

  it.each<[string, () => unknown]>([
    ['throws', throwing],
    ['rejects', async () => throwing()],
    ['answers nothing', () => undefined],
    ['answers null', async () => null],
    ['answers 0', () => 0],
    ['answers a text', async () => 'no'],
  ])('that %s refuses with 503', async (_, isRevoked) => {
    const { verifier } = start(isRevoked);
    await expect(verifier.verify(pools.legacyPool.idToken())).rejects.toMatchObject({
      code: 'ERR_REVOCATION_UNAVAILABLE',
      status: 503,
      pool: 'legacy',
      retryAfterSeconds: 5,
      cause: expect.any(Error),
    });
  });

  it('that throws is named as the cause', () => {
    expect(() => start(throwing).verifier.verifySync(pools.legacyPool.idToken())).toThrow(
      expect.objectContaining({ cause: expect.objectContaining({ message: 'the denylist is down' }) }),
    );
  });

  it('that does not answer refuses with 503', async () => {
    vi.useFakeTimers();
    const { verifier } = start(() => new Promise(() => {}));
    const waiting = verifier.verify(pools.legacyPool.idToken()).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(await waiting).toMatchObject({ code: 'ERR_REVOCATION_UNAVAILABLE', cause: { name: 'TimeoutError' } });
    vi.useRealTimers();
  });

  it('cannot be waited for by verifySync', () => {
    const { verifier } = start(async () => throwing());
    expect(() => verifier.verifySync(pools.legacyPool.idToken())).toThrow(
      expect.objectContaining({ code: 'ERR_REVOCATION_UNAVAILABLE' }),
    );
    const quick = start(() => false);
    expect(quick.verifier.verifySync(pools.legacyPool.idToken({ sub: 'me' })).userId).toBe('me');
  });

  it('is not asked while a thousand wait for its answer, and again as soon as one has it', async () => {
    const identity = { pool: 'legacy', userPoolId: 'p', sub: 's', clientId: 'c', tokenUse: 'id' } as CutoverIdentity;
    const answers: ((answer: unknown) => void)[] = [];
    const ask = revocationGate(() => new Promise<never>((resolve) => answers.push(resolve as never)));
    const waiting = Array.from({ length: 1_000 }, () => ask(identity));
    const message = 'isRevoked is not asked while 1000 wait for its answer';
    for (const round of [1_000, 1_001]) {
      expect(() => ask(identity)).toThrow(
        expect.objectContaining({ code: 'ERR_REVOCATION_UNAVAILABLE', cause: expect.objectContaining({ message }) }),
      );
      expect(answers).toHaveLength(round);
      answers[round - 1_000]?.(false);
      expect(await waiting[round - 1_000]).toBe(identity);
      waiting.push(ask(identity));
    }
    for (const answer of answers) answer(false);
    await Promise.all(waiting);
  });
});

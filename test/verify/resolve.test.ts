import { describe, expect, it, vi } from 'vitest';
import type { LegacyIdResolver } from '../../src/index.js';
import { askResolver } from '../../src/verify/resolve.js';

const query = {
  sub: 'new-sub',
  userPoolId: 'eu-west-1_New',
  clientId: 'client',
  tokenUse: 'access',
  scopes: [],
  token: 'a.b.c',
} as const;
const ask = (resolve: (...args: Parameters<LegacyIdResolver>) => unknown, timeoutMs = 1_000) =>
  askResolver(resolve as LegacyIdResolver, query, timeoutMs);
const unavailable = { code: 'ERR_LEGACY_ID_UNAVAILABLE', status: 503, pool: 'new' };

describe('askResolver', () => {
  it('hands the query on with a signal', () => {
    const resolve = vi.fn(() => 'id');
    ask(resolve);
    expect(resolve).toHaveBeenCalledWith({ ...query, signal: expect.any(AbortSignal) });
  });

  it.each(['id', undefined, null])('answers %j at once where the resolver does', (answer) => {
    expect(ask(() => answer)).toBe(answer);
  });

  it.each(['id', undefined])('waits for %j', async (answer) => {
    await expect(ask(async () => answer)).resolves.toBe(answer);
  });

  it('turns what a resolver throws into "cannot tell"', () => {
    const cause = new Error('down');
    const throwing = () => {
      throw cause;
    };
    expect(() => ask(throwing)).toThrow(expect.objectContaining({ ...unavailable, retryAfterSeconds: 5, cause }));
  });

  it.each([undefined, null])('does so too where it throws %j', async (cause) => {
    const rejecting = () => Promise.reject(cause);
    await expect(ask(rejecting)).rejects.toMatchObject({ ...unavailable, retryAfterSeconds: 5 });
  });

  it('tells a failure from an answer that did not come in time', async () => {
    await expect(ask(() => Promise.reject(new Error('down')))).rejects.toThrow('legacyId.resolve failed (see cause).');
    const silent = () => new Promise(() => {});
    await expect(ask(silent, 20)).rejects.toThrow('legacyId.resolve did not answer within 20 ms');
  });

  it('tells a resolver that takes too long to stop', async () => {
    let signal: AbortSignal | undefined;
    const silent: LegacyIdResolver = (asked) => {
      signal = asked.signal;
      return new Promise(() => {});
    };
    await expect(ask(silent, 20)).rejects.toMatchObject({ ...unavailable, retryAfterSeconds: 5 });
    expect(signal?.aborted).toBe(true);
  });

  it.each([
    [17.2, 18],
    [1, 1],
    [3_600, 60],
    [3_601, 5],
    [0.5, 5],
    [4_000, 5],
    ['10', 5],
    [Number.NaN, 5],
  ])('passes on a wish for a pause of %j seconds as %i', async (retryAfterSeconds, expected) => {
    const resting = Object.assign(new Error('breaker open'), { retryAfterSeconds });
    await expect(ask(() => Promise.reject(resting))).rejects.toMatchObject({
      ...unavailable,
      retryAfterSeconds: expected,
      cause: resting,
    });
  });
});

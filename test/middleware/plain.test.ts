import { describe, expect, it, vi } from 'vitest';
import { enforcing, later, verifierOf, watchProcess } from './support.js';

watchProcess();

/** In Express itself: test/middleware/hosts.test.ts. */
describe('a handler after a token that is judged later', () => {
  const handler = enforcing({ verifier: verifierOf(later) } as never);
  const run = async (next: (error?: unknown) => void) => {
    handler({ headers: { authorization: 'Bearer good' } } as never, {} as never, next);
    await new Promise(setImmediate);
  };

  it('that throws is given its own error, as where nothing was waited for', async () => {
    const bug = new TypeError('a bug of the handler');
    const next = vi.fn().mockImplementationOnce(() => {
      throw bug;
    });
    await run(next);
    expect(next.mock.calls).toEqual([[], [bug]]);
    expect(next.mock.calls[1]?.[0]).toBe(bug);
  });

  it('that throws no error is given one, because without one Express would continue', async () => {
    const next = vi.fn().mockImplementationOnce(() => {
      throw undefined;
    });
    await run(next);
    expect(next.mock.calls[1]?.[0]).toBeInstanceOf(TypeError);
  });

  it('that always throws does not end the process', async () => {
    const next = vi.fn(() => {
      throw new TypeError('a bug of the error handler');
    });
    await run(next);
    expect(next).toHaveBeenCalledTimes(2);
  });
});

import { channel, unsubscribe } from 'node:diagnostics_channel';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { publishTo } from '../../src/operate/publish-to.js';

let count = 0;

function setUp() {
  count += 1;
  const to = channel(`cognito-cutover:test-${count}`);
  const subscribe = (subscriber: (message: unknown, name: string | symbol) => unknown) => {
    to.subscribe(subscriber as never);
    onTestFinished(() => {
      unsubscribe(to.name, subscriber as never);
    });
  };
  return { to, subscribe };
}

describe('publishTo', () => {
  const uncaught = vi.fn();
  beforeEach(() => {
    uncaught.mockReset();
    process.on('uncaughtException', uncaught).on('unhandledRejection', uncaught);
    onTestFinished(() => {
      process.off('uncaughtException', uncaught).off('unhandledRejection', uncaught);
    });
  });

  it('hands a message and the name of the channel to every subscriber', () => {
    const { to, subscribe } = setUp();
    const first = vi.fn();
    const second = vi.fn();
    subscribe(first);
    subscribe(second);
    const message = { some: 'message' };
    publishTo(to, message);
    expect(first).toHaveBeenCalledExactlyOnceWith(message, to.name);
    expect(second).toHaveBeenCalledExactlyOnceWith(message, to.name);
  });

  it('does nothing without a subscriber, and after the last has left', () => {
    const { to } = setUp();
    publishTo(to, 1);
    const gone = vi.fn();
    to.subscribe(gone);
    to.unsubscribe(gone);
    publishTo(to, 2);
    expect(gone).not.toHaveBeenCalled();
  });

  it.each([
    ['throws', () => Promise.reject(new Error('full disk'))],
    [
      'rejects',
      () => {
        throw new Error('full disk');
      },
    ],
  ])('goes on to the others when one %s, spares the process, and warns once', async (_what, faulty) => {
    const { to, subscribe } = setUp();
    const warned = vi.spyOn(process, 'emitWarning').mockReturnValue(undefined);
    onTestFinished(() => warned.mockRestore());
    const next = vi.fn();
    subscribe(faulty);
    subscribe(next);
    publishTo(to, 1);
    publishTo(to, 2);
    await new Promise(setImmediate);
    expect(next).toHaveBeenCalledTimes(2);
    expect(uncaught).not.toHaveBeenCalled();
    expect(warned).toHaveBeenCalledExactlyOnceWith(
      `A subscriber of the channel ${String(to.name)} failed. Requests are not affected. Further failures on this channel are not reported.`,
      {
        type: 'CutoverWarning',
        code: 'CUTOVER_SUBSCRIBER_FAILED',
        detail: expect.stringContaining('Error: full disk'),
      },
    );
  });
});

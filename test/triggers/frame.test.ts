import { describe, expect, it, vi } from 'vitest';
import { checkEvent, frameOf } from '../../src/triggers/frame.js';
import { TriggerError } from '../../src/triggers/trigger-error.js';
import { FakeClock } from '../support/fake-clock.js';

describe('withinDeadline', () => {
  it('answers what the work answers, and leaves no timer behind', async () => {
    const clock = new FakeClock();
    await expect(frameOf({ clock }, []).withinDeadline(async () => 7)).resolves.toBe(7);
    expect(clock.sleeping).toBe(0);
  });

  it('tells the work when it is late', async () => {
    const clock = new FakeClock();
    const heard = vi.fn();
    const late = frameOf({ clock, timeoutMs: 200 }, []).withinDeadline(
      (signal) => new Promise(() => signal.addEventListener('abort', heard)),
    );
    late.catch(() => {});
    await clock.advance(200);
    await expect(late).rejects.toMatchObject({ code: 'ERR_DEADLINE', reason: '200 ms' });
    expect(heard).toHaveBeenCalledOnce();
  });

  it.each([
    [undefined, 3500],
    [2000, 1500],
    [400, 300],
  ])('of %j ms ends the patience after %d ms', async (timeoutMs, patienceMs) => {
    const clock = new FakeClock();
    let patience: AbortSignal | undefined;
    const work = frameOf({ clock, ...(timeoutMs !== undefined && { timeoutMs }) }, []).withinDeadline((_, signal) => {
      patience = signal;
      return new Promise<void>(() => {});
    });
    work.catch(() => {});
    await clock.advance(patienceMs - 1);
    expect(patience?.aborted).toBe(false);
    await clock.advance(1);
    expect(patience?.reason).toMatchObject({ name: 'TimeoutError', message: `no answer within ${patienceMs} ms` });
    await clock.advance(4000);
    await expect(work).rejects.toMatchObject({ code: 'ERR_DEADLINE' });
  });

  it('outlives work that fails after the deadline', async () => {
    const clock = new FakeClock();
    let fail: (error: Error) => void = () => {};
    const work = new Promise<never>((_resolve, reject) => {
      fail = reject;
    });
    const late = frameOf({ clock }, []).withinDeadline(() => work);
    late.catch(() => {});
    await clock.advance(4000);
    fail(new Error('much later'));
    await expect(late).rejects.toMatchObject({ code: 'ERR_DEADLINE' });
  });

  it('by default is over a second before Cognito gives up', async () => {
    const clock = new FakeClock();
    const late = frameOf({ clock }, []).withinDeadline(() => new Promise(() => {}));
    late.catch(() => {});
    await clock.advance(4000);
    await expect(late).rejects.toBeInstanceOf(TriggerError);
  });
});

describe('ask', () => {
  it('passes a refusal on, and turns a fault into the code given', async () => {
    const onFault = vi.fn();
    const { ask } = frameOf({ onFault }, []);
    const refusal = new TriggerError('ERR_USER_DISABLED');
    await expect(ask('ERR_NEW_POOL_UNAVAILABLE', () => Promise.reject(refusal))).rejects.toBe(refusal);
    expect(onFault).not.toHaveBeenCalled();
    const fault = new RangeError('x');
    await expect(ask('ERR_NEW_POOL_UNAVAILABLE', () => Promise.reject(fault))).rejects.toMatchObject({
      code: 'ERR_NEW_POOL_UNAVAILABLE',
      reason: 'RangeError',
    });
    expect(onFault).toHaveBeenCalledExactlyOnceWith(fault);
  });

  it('is not disturbed by a listener that throws', () => {
    const onFault = () => {
      throw new Error('mine');
    };
    expect(() => frameOf({ onFault }, []).report(new Error('x'))).not.toThrow();
  });

  it('is not ended by an onFault that rejects', async () => {
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    frameOf({ onFault: () => Promise.reject(new Error('mine')) }, []).report(new Error('x'));
    await new Promise(setImmediate);
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });
});

describe('checkEvent', () => {
  const needed = ['userAttributes', 'response'] as const;
  const event = { triggerSource: 'PreSignUp_SignUp', userName: 'anna', request: { userAttributes: {} }, response: {} };

  it('lets an event of Cognito pass', () => {
    expect(() => checkEvent(event, needed)).not.toThrow();
    expect(() => checkEvent({ ...event, response: undefined }, ['userAttributes'])).not.toThrow();
  });

  it.each<[string, unknown]>([
    ['triggerSource', undefined],
    ['triggerSource', { ...event, triggerSource: 5 }],
    ['userName', { ...event, userName: undefined }],
    ['request', { ...event, request: [] }],
    ['userAttributes', { ...event, request: {} }],
    ['userAttributes', { ...event, request: { userAttributes: { sub: 5 } } }],
    ['userAttributes', { ...event, request: { userAttributes: { email: {} } } }],
    ['response', { ...event, response: false }],
  ])('names what an event lacks: %s', (field, given) => {
    const reason = `no ${field}`;
    expect(() => checkEvent(given, needed)).toThrow(expect.objectContaining({ code: 'ERR_EVENT_UNEXPECTED', reason }));
  });
});

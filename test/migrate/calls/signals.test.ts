import { expect, it, vi } from 'vitest';
import { anyOf } from '../../../src/migrate/calls/signals.js';

it('aborts with the first of its signals, with that reason, and does without those nobody gave', () => {
  const [one, other] = [new AbortController(), new AbortController()];
  const signal = anyOf(one.signal, undefined, other.signal);
  expect(signal.aborted).toBe(false);
  other.abort('stop');
  one.abort('later');
  expect(signal.reason).toBe('stop');
  expect(anyOf(undefined).aborted).toBe(false);
});

it('takes any number of listeners without a warning', () => {
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  const listen = (signal: AbortSignal) => {
    for (let count = 0; count < 20; count++) signal.addEventListener('abort', () => {});
  };
  listen(anyOf(undefined));
  expect(warn).not.toHaveBeenCalled();
  listen(AbortSignal.any([]));
  expect(warn).toHaveBeenCalledOnce();
});

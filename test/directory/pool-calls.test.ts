import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { attributesOf, remembered } from '../../src/directory/pool-calls.js';

describe('attributesOf', () => {
  it('is every attribute by name', () => {
    expect(attributesOf([{ Name: 'email', Value: 'a@example.com' }, { Name: 'empty' }])).toEqual({
      email: 'a@example.com',
      empty: '',
    });
    expect(attributesOf(undefined)).toEqual({});
  });
});

describe('remembered', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  const { signal } = new AbortController();

  it('asks again after five minutes', async () => {
    let asked = 0;
    const ask = remembered(async () => ++asked);
    expect([await ask(signal), await ask(signal)]).toEqual([1, 1]);
    vi.advanceTimersByTime(299_999);
    expect(await ask(signal)).toBe(1);
    vi.advanceTimersByTime(1);
    expect(await ask(signal)).toBe(2);
  });

  it('does not remember a failure', async () => {
    const answers = [() => Promise.reject(new Error('down')), () => Promise.resolve('up')];
    const ask = remembered(() => answers.shift()!());
    await expect(ask(signal)).rejects.toThrow('down');
    await expect(ask(signal)).resolves.toBe('up');
  });
});

import { describe, expect, it } from 'vitest';
import { tell } from '../src/thenable.js';
import { settled } from './support/fake-clock.js';
import { noteProcessFaults } from './support/process-faults.js';

const faults = noteProcessFaults();
const fault = new Error('the fault of a listener');
const fail = (): never => {
  throw fault;
};

type Settle = (value: unknown) => void;

/** What another library takes for a promise. */
function thenable(then: (resolve: Settle, reject: Settle) => void, on: object = {}): object {
  return Object.assign(on, { then });
}

describe('tell', () => {
  it.each<[string, () => unknown]>([
    ['throws', fail],
    ['rejects', () => Promise.reject(fault)],
    ['throws after waiting', () => Promise.resolve().then(fail)],
    ['answers a thenable that rejects', () => thenable((_, reject) => reject(fault))],
    [
      'answers a function with a then that rejects',
      () =>
        thenable(
          (_, reject) => reject(fault),
          () => {},
        ),
    ],
    ['answers a thenable whose then throws', () => thenable(fail)],
    ['answers an object whose then cannot be read', () => new Proxy({}, { get: fail })],
    ['answers a thenable that never settles', () => thenable(() => {})],
    ['answers a thenable that fulfils with a rejection', () => thenable((resolve) => resolve(Promise.reject(fault)))],
    ['answers nothing', () => undefined],
    ['answers null', () => null],
    ['answers a number', () => 1],
  ])('is not troubled by a listener that %s', async (_name, listener) => {
    const heard: unknown[] = [];
    tell((event) => {
      heard.push(event);
      return listener();
    }, 'event');
    await settled();
    await settled();
    expect(heard).toEqual(['event']);
    expect(faults).toEqual([]);
  });

  it('needs no listener', () => {
    expect(() => tell(undefined, 'event')).not.toThrow();
  });

  it('would fail here if it let a fault through', async () => {
    void Promise.reject(fault);
    await settled();
    await settled();
    expect(faults.splice(0)).toEqual([fault]);
  });
});

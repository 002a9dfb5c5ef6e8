import { expect, it } from 'vitest';
import { ConfigurationError } from '../../../src/errors.js';
import type { PhaseStore } from '../../../src/operate/phases/phase-source.js';
import { checkPhasesOptions, type PhasesOptions } from '../../../src/operate/phases/phases-options.js';

const source = async () => undefined;

it('fills in the documented defaults', () => {
  const settings = checkPhasesOptions({ source });
  expect(settings).toMatchObject({ pollMs: 30_000, timeoutMs: 3_000, initial: undefined, onEvent: undefined });
});

it('takes a store as the source, with its own `this`', async () => {
  class Store implements Pick<PhaseStore, 'read'> {
    #plan = { acceptUntil: new Date(5) };
    async read() {
      return this.#plan;
    }
  }
  const { ask } = checkPhasesOptions({ source: new Store() });
  expect(await ask(new AbortController().signal)).toEqual({ acceptUntil: new Date(5) });
});

it.each<[string, object]>([
  ['source', {}],
  ['source', { source: 'redis://127.0.0.1' }],
  ['source', { source: { acceptUntil: new Date() } }],
  ['pollSeconds', { source, pollSeconds: 0 }],
  ['pollSeconds', { source, pollSeconds: '30' }],
  ['timeoutMs', { source, timeoutMs: 60_001 }],
  ['initial', { source, initial: null }],
  ['initial.acceptUntil', { source, initial: { acceptUntil: 'soon' } }],
  ['initial.acceptUntil', { source, initial: { announceFrom: new Date(2), acceptUntil: new Date(1) } }],
  ['onEvent', { source, onEvent: 'log' }],
  ['clock', { source, clock: {} }],
  ['clock.monotonic', { source, clock: { now: Date.now, monotonic: 5 } }],
  ['poolSeconds', { source, poolSeconds: 5 }],
])('names a wrong %s', (option, given) => {
  const check = () => checkPhasesOptions(given as PhasesOptions);
  expect(check).toThrow(ConfigurationError);
  expect(check).toThrow(expect.objectContaining({ option }));
});

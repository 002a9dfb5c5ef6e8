import { describe, expect, it, vi } from 'vitest';
import { ConfigurationError } from '../../src/errors.js';
import { gatewayOf, newPoolsOf } from '../../src/triggers/pools.js';
import { FakeClock } from '../support/fake-clock.js';
import { MemoryPool, NEW_POOL } from './support.js';

describe('gatewayOf', () => {
  it('takes a gateway as it is, one with its methods on a prototype too', () => {
    const create = vi.fn();
    const gateway = new MemoryPool(NEW_POOL);
    expect(gatewayOf(gateway, ['findUsers'], create)).toBe(gateway);
    expect(create).not.toHaveBeenCalled();
  });

  it('takes anything else for options', () => {
    const made = { findUsers: () => {} };
    expect(gatewayOf({ userPoolId: 'x' }, ['findUsers' as never], () => made)).toBe(made);
  });

  it.each([[undefined], [null], ['eu-west-1_Legacy'], [[]]])('%j is neither', (given) => {
    expect(() => gatewayOf(given as unknown as object, [], () => ({}))).toThrow(ConfigurationError);
  });
});

describe('newPoolsOf', () => {
  it('keeps one gateway per pool that calls', () => {
    const of = newPoolsOf(undefined, ['describe'], new FakeClock());
    const first = of({ userPoolId: NEW_POOL, region: 'eu-west-1' });
    expect(of({ userPoolId: NEW_POOL, region: 'eu-west-1' })).toBe(first);
    expect(of({ userPoolId: 'eu-west-1_Another', region: 'eu-west-1' })).not.toBe(first);
  });

  it('takes a gateway for every caller', () => {
    const gateway = new MemoryPool(NEW_POOL);
    expect(newPoolsOf(gateway, ['describe'], new FakeClock())({ userPoolId: 'any', region: 'any' })).toBe(gateway);
  });
});

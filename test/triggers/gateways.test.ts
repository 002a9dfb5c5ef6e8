import { describe, expect, it, vi } from 'vitest';
import { ConfigurationError } from '../../src/errors.js';
import { gatewayOf, newPoolsOf } from '../../src/triggers/gateways.js';
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

const frame = { clock: new FakeClock(), report: () => {} };

describe('newPoolsOf', () => {
  it('keeps one gateway per pool that calls', () => {
    const of = newPoolsOf(undefined, ['describe'], frame);
    const first = of({ userPoolId: NEW_POOL, region: 'eu-west-1' });
    expect(of({ userPoolId: NEW_POOL, region: 'eu-west-1' })).toBe(first);
    expect(of({ userPoolId: 'eu-west-1_Another', region: 'eu-west-1' })).not.toBe(first);
  });

  it.each([[null], ['eu-west-1_New'], [[]]])('%j is neither options nor a gateway', (given) => {
    expect(() => newPoolsOf(given as never, ['describe'], frame)).toThrow(
      /^newPool: expected options of the pool, or a/,
    );
  });

  it('says which method a gateway lacks', () => {
    const given = { findUsers: async () => [], setAttribute: async () => {} };
    expect(() => newPoolsOf(given as never, ['findUsers', 'setAttribute', 'disableUser'], frame)).toThrow(
      'newPool: expected a gateway with disableUser(), got an object',
    );
    const lacking = { getUser: async () => undefined };
    expect(() => gatewayOf(lacking as never, ['signIn' as never], vi.fn())).toThrow(
      'legacyPool: expected a gateway with signIn(), got an object',
    );
  });

  it('takes a gateway for every caller', () => {
    const gateway = new MemoryPool(NEW_POOL);
    expect(newPoolsOf(gateway, ['describe'], frame)({ userPoolId: 'any', region: 'any' })).toBe(gateway);
  });
});

import { describe, expect, it, vi } from 'vitest';
import { ConfigurationError } from '../../src/errors.js';
import { storeResolver } from '../../src/legacy-id/store.js';
import { storeContract } from './store-contract.js';
import { queryOf } from './support.js';

storeContract('a Map', async () => new Map<string, string>());

describe('storeResolver', () => {
  it('asks the store for the sub, and answers at once where the store does', () => {
    const resolve = storeResolver(new Map([['a', 'legacy-a']]));
    expect(resolve(queryOf({ sub: 'a' }))).toBe('legacy-a');
    expect(resolve(queryOf({ sub: 'b' }))).toBeUndefined();
  });

  it.each([
    ['null', null],
    ['undefined', undefined],
  ])('takes %s for nothing', async (_name, nothing) => {
    expect(storeResolver({ get: () => nothing })(queryOf())).toBeUndefined();
    expect(await storeResolver({ get: async () => nothing })(queryOf())).toBeUndefined();
  });

  it('never takes a failure or nonsense for nothing', async () => {
    const get = vi.fn().mockRejectedValueOnce(new Error('down')).mockResolvedValueOnce('').mockReturnValueOnce(7);
    const resolve = storeResolver({ get });
    await expect(resolve(queryOf())).rejects.toThrow('down');
    await expect(resolve(queryOf())).rejects.toThrow(TypeError);
    expect(() => resolve(queryOf())).toThrow(TypeError);
  });

  it.each([undefined, null, {}, 'store'])('refuses %j', (store) => {
    expect(() => Reflect.apply(storeResolver, undefined, [store])).toThrow(ConfigurationError);
  });
});

import { runInNewContext } from 'node:vm';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createCutoverVerifier, type VerifierOptions } from '../../src/index.js';
import { createTestPools, type TestPools } from '../../src/testing/index.js';

const UUID = '0b6a3f0e-5c3e-4a8e-9d7e-111111111111';
const NativePromise = globalThis.Promise;

let pools: TestPools;
beforeAll(async () => {
  pools = await createTestPools();
});
afterEach(() => {
  globalThis.Promise = NativePromise;
});
afterAll(() => pools.close());

/** A promise library of the kind that puts itself in the place of the global `Promise`. */
class LibraryPromise<T> extends NativePromise<T> {
  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === LibraryPromise.prototype;
  }
}

const start = (more: Partial<VerifierOptions> = {}) =>
  createCutoverVerifier({
    legacyPool: pools.legacyPool.options,
    newPool: pools.newPool.options,
    tokenUse: 'any',
    ...more,
  });

function thenableOf<T>(target: object, value: T): PromiseLike<T> {
  const then = (resolve: (value: T) => void) => resolve(value);
  return Object.defineProperty(target, 'then', { value: then }) as PromiseLike<T>;
}

/** One answer in every form in which it may come later. */
const forms: readonly [string, <T>(value: T) => PromiseLike<T>][] = [
  ['a native promise', (value) => NativePromise.resolve(value)],
  ['a promise of another realm', (value) => runInNewContext('(value) => Promise.resolve(value)')(value)],
  ['a promise of a library', (value) => new LibraryPromise((resolve) => resolve(value))],
  ['an object with a then', (value) => thenableOf({}, value)],
  ['a function with a then', (value) => thenableOf(() => {}, value)],
];

describe.each([
  ['with the global Promise', NativePromise],
  ['with the global Promise replaced by a library', LibraryPromise as PromiseConstructor],
])('%s', (_, promise) => {
  it('keys that have to be fetched are waited for', async () => {
    const verifier = start();
    globalThis.Promise = promise;
    const garbage = `${pools.newPool.machineToken().slice(0, -4)}AAAA`;
    await expect(verifier.verify(garbage)).rejects.toMatchObject({ code: 'ERR_SIGNATURE_INVALID' });
    expect((await verifier.verify(pools.legacyPool.accessToken({ sub: 'me' }))).userId).toBe('me');
  });

  it.each(forms)('%s of a resolver is waited for', async (_form, later) => {
    const verifier = start({ legacyId: { resolve: () => later(UUID) as Promise<string> } });
    globalThis.Promise = promise;
    const token = pools.newPool.accessToken();
    const seen = [await verifier.verify(token), await verifier.verifyEagerly(token), verifier.verifySync(token)];
    for (const identity of seen) expect(identity).toMatchObject({ userId: UUID, userIdSource: 'resolver' });
  });

  it.each(forms)('%s of isRevoked is waited for', async (_form, later) => {
    const verifier = start({ isRevoked: ({ sub }) => later(sub === 'revoked') });
    globalThis.Promise = promise;
    expect((await verifier.verify(pools.legacyPool.idToken({ sub: 'me' }))).userId).toBe('me');
    await expect(verifier.verify(pools.legacyPool.idToken({ sub: 'revoked' }))).rejects.toMatchObject({
      code: 'ERR_TOKEN_REVOKED',
    });
  });
});

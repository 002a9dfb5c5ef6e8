import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, it } from 'vitest';
import { createApiGatewayAuthorizer } from '../../../middleware/api-gateway.js';
import { cutoverAuth, requireGroup } from '../../../middleware/express.js';
import { CutoverError } from '../../../src/errors.js';
import { createTestPools } from '../../../src/testing/index.js';
import type { CutoverIdentity } from '../../../src/verify/types.js';
import { createCutoverVerifier } from '../../../src/verify/verifier.js';
import {
  anna,
  app,
  atOnce,
  enforcing,
  frameworks,
  get,
  journal,
  observing,
  verifierOf,
  watchProcess,
} from '../support.js';

watchProcess();
const NativePromise = globalThis.Promise;
afterEach(() => {
  globalThis.Promise = NativePromise;
});

describe.each(frameworks)('behind %s', (_, framework) => {
  describe('a verifier that answers in its own way', () => {
    /** A promise library of the kind that takes the place of the global `Promise`. */
    class LibraryPromise<T> extends NativePromise<T> {
      static override [Symbol.hasInstance](value: unknown): boolean {
        return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === LibraryPromise.prototype;
      }
    }
    const refusal = new CutoverError('ERR_SIGNATURE_INVALID', 'A sentence.');
    const thenable = (settle: (resolve: (value: unknown) => void, reject: (reason: unknown) => void) => void) =>
      Object.defineProperty({}, 'then', { value: settle });
    const ofRealm = (code: string) => runInNewContext(code);

    it.each<[string, (identity: CutoverIdentity) => unknown, (identity: CutoverIdentity) => unknown]>([
      ['a native promise', (one) => NativePromise.resolve(one), () => NativePromise.reject(refusal)],
      [
        'a promise of another realm',
        (one) => ofRealm('(one) => Promise.resolve(one)')(one),
        () => ofRealm('(one) => Promise.reject(one)')(refusal),
      ],
      [
        'a promise of a library',
        (one) => new LibraryPromise((resolve) => resolve(one)),
        () => new LibraryPromise((_resolve, reject) => reject(refusal)),
      ],
      [
        'a thenable',
        (one) => thenable((resolve) => resolve(one)),
        () => thenable((_resolve, reject) => reject(refusal)),
      ],
      [
        'a thenable that answers a thenable',
        (one) => thenable((resolve) => resolve(thenable((again) => again(one)))),
        () =>
          thenable(() => {
            throw refusal;
          }),
      ],
    ])('is awaited: %s', async (_form, good, bad) => {
      for (const promise of [NativePromise, LibraryPromise as PromiseConstructor]) {
        for (const mode of ['enforce', 'observe'] as const) {
          const statusOf = (answer: (identity: CutoverIdentity) => unknown) => {
            const { entries, onDecision } = journal();
            const handler = cutoverAuth({ verifier: verifierOf(answer), mode, onDecision });
            const made = app(framework, handler, requireGroup('staff'));
            globalThis.Promise = promise;
            return get(made).then(({ status }) => [status, ...entries]);
          };
          expect(await statusOf(good)).toEqual([200, 'accepted']);
          globalThis.Promise = NativePromise;
          const refused = mode === 'enforce' ? [401] : [200];
          expect((await statusOf(bad)).slice(0, 2)).toEqual([...refused, 'ERR_SIGNATURE_INVALID']);
          globalThis.Promise = NativePromise;
        }
      }
    });

    it.each([[undefined], [null], [''], [0], [false], ['route'], ['router']])(
      'that refuses with %j does not let anybody go on',
      async (reason) => {
        const throwing = () => {
          throw reason;
        };
        for (const options of [
          { verifier: verifierOf(throwing) },
          { verifier: verifierOf(async () => throwing()) },
          { verifier: verifierOf(atOnce), getToken: throwing },
        ]) {
          const response = await get(app(framework, enforcing(options as never)));
          expect([response.status, response.body]).toEqual([500, {}]);
          const { entries, onDecision } = journal();
          expect((await get(app(framework, observing({ ...options, onDecision } as never)))).status).toBe(200);
          await new Promise(setImmediate);
          expect(entries).toEqual(['TypeError: Something that is not an error was thrown.']);
        }
      },
    );

    it('has the last word where it stands in front of the verifier of this package', async () => {
      const pools = await createTestPools({ serve: false });
      const made = createCutoverVerifier({ newPool: pools.newPool.options, tokenUse: 'any' });
      const deny = () => {
        throw new CutoverError('ERR_TOKEN_REVOKED', 'A sentence.');
      };
      const token = pools.newPool.machineToken();
      expect((await get(app(framework, cutoverAuth({ verifier: made })), token)).status).toBe(200);
      const proxy = new Proxy(made, {
        get: (target, name) => (name === 'verify' ? deny : Reflect.get(target, name, target)),
      });
      expect((await get(app(framework, cutoverAuth({ verifier: proxy })), token)).status).toBe(401);
      made.verify = deny;
      expect((await get(app(framework, cutoverAuth({ verifier: made })), token)).status).toBe(401);
      await pools.close();
    });

    it.each<[string, unknown]>([
      ['nothing', undefined],
      ['null', null],
      ['true', true],
      ['a text', 'anna'],
      ['an empty object', {}],
      ['an identity of nobody', { ...anna, userId: '' }],
      ['an identity with a number', { ...anna, userId: 5 }],
      ['an identity without groups', { ...anna, groups: undefined }],
      ['an identity without scopes', { ...anna, scopes: 'orders/read' }],
      ['a payload', { sub: 'anna', 'cognito:groups': ['staff'] }],
    ])('that is not an identity is refused: %s', async (_what, answer) => {
      for (const form of [() => answer, async () => answer]) {
        const response = await get(app(framework, enforcing({ verifier: verifierOf(form) } as never)));
        expect(response.status).toBe(500);
        const { entries, onDecision } = journal();
        const seen = observing({ verifier: verifierOf(form), onDecision } as never);
        expect((await get(app(framework, seen))).body).toEqual({ userId: null });
        await new Promise(setImmediate);
        expect(entries).toEqual(['TypeError: The verifier answered something that is not an identity.']);
      }
    });
  });
});

describe('the options of an entry point', () => {
  it.each([
    ['cutoverAuth', (options: object) => cutoverAuth(options as never), ['credentialsRequired', 'onDecision']],
    [
      'createApiGatewayAuthorizer',
      (options: object) => createApiGatewayAuthorizer(options as never),
      ['httpApiAnswer', 'getToken'],
    ],
  ])('are all named where one is misspelt, those of the verifier too: %s', (_, construct, own) => {
    const names = [...own, 'verifier', 'legacyPool', 'newPool', 'clockToleranceSeconds'];
    for (const options of [{ tokenUsed: 'id' }, { verifier: verifierOf(atOnce), tokenUsed: 'id' }]) {
      expect(() => construct(options)).toThrow(expect.objectContaining({ option: 'tokenUsed' }));
      for (const name of names) expect(() => construct(options)).toThrow(name);
    }
  });

  it('are not a verifier, which has none of them', async () => {
    const pools = await createTestPools({ serve: false });
    const verifier = createCutoverVerifier({ newPool: pools.newPool.options, tokenUse: 'any' });
    await pools.close();
    for (const construct of [cutoverAuth, createApiGatewayAuthorizer]) {
      expect(() => construct(verifier as never)).toThrow('Pass it as one of them: { verifier }');
    }
  });
});

import { cached } from '../../../src/legacy-id/cached.js';
import { createDynamoDbStore } from '../../../src/legacy-id/dynamodb.js';
import { guarded } from '../../../src/legacy-id/guarded.js';
import { createRedisStore } from '../../../src/legacy-id/redis.js';
import { chain, type LegacyIdResolver } from '../../../src/legacy-id/resolver.js';
import { storeResolver } from '../../../src/legacy-id/store.js';

export const idOf = (user: number) => `${user}`.repeat(8).concat('-1111-4111-8111-', `${user}`.repeat(12));

/** What a source says of a user. */
export type Value =
  | { readonly is: 'own' | 'own in capitals' | 'nothing' | 'null' | 'failure' | 'never' | 'hostile then' }
  | { readonly is: 'odd'; readonly value: unknown };
/** When it says so. */
export type How = 'at once' | 'later' | 'thenable' | 'much later';

export interface Stored {
  readonly value: Value;
  readonly how: How;
}
const DOWN = 'the source is down';

function said(value: Value, user: number): unknown {
  switch (value.is) {
    case 'own':
      return idOf(user);
    case 'own in capitals':
      return idOf(user).toUpperCase();
    case 'nothing':
      return undefined;
    case 'null':
      return null;
    case 'failure':
      throw new Error(DOWN);
    case 'never':
      return new Promise(() => {});
    case 'hostile then':
      return Object.defineProperty({}, 'then', {
        get() {
          throw new Error(DOWN);
        },
      });
    case 'odd':
      return value.value;
  }
}

export function answer({ value, how }: Stored, user: number): unknown {
  if (how === 'at once') return said(value, user);
  if (how === 'later') return (async () => said(value, user))();
  if (how === 'much later') {
    return new Promise((resolve, reject) => {
      setImmediate(() => {
        try {
          resolve(said(value, user));
        } catch (error) {
          reject(error);
        }
      });
    });
  }
  const then = (resolve: (value: unknown) => void, reject: (reason: unknown) => void) => {
    try {
      resolve(said(value, user));
    } catch (error) {
      reject(error);
    }
    // A promise may be settled once; what a bad library says afterwards must not count.
    resolve(idOf(9));
    reject(new Error(DOWN));
  };
  return { then };
}

export type Ask = (sub: string) => unknown;

/** The source as each adapter reaches it. */
export const SOURCES = {
  resolver:
    (ask: Ask): LegacyIdResolver =>
    ({ sub }) =>
      ask(sub) as never,
  store: (ask: Ask): LegacyIdResolver => storeResolver({ get: (sub) => ask(sub) as never }),
  redis(ask: Ask): LegacyIdResolver {
    const client = { get: (key: string) => ask(key.slice('p:'.length)), set: async () => {}, del: async () => {} };
    return storeResolver(createRedisStore({ client: client as never, keyPrefix: 'p:' }));
  },
  dynamodb(ask: Ask): LegacyIdResolver {
    const send = async ({ input }: { input: { Key: { newSub: { S: string } } } }) => {
      const value = await ask(input.Key.newSub.S);
      if (value === undefined) return {};
      return { Item: { newSub: input.Key.newSub, legacyId: typeof value === 'string' ? { S: value } : value } };
    };
    return storeResolver(createDynamoDbStore({ tableName: 't', client: { send } as never }));
  },
} as const;

export const AROUND = {
  cached: (inner: LegacyIdResolver) => cached(inner),
  guarded: (inner: LegacyIdResolver) => guarded(inner, { failuresToOpen: 1000 }),
  'chain behind nothing': (inner: LegacyIdResolver) => chain(() => undefined, inner),
  'chain before nothing': (inner: LegacyIdResolver) => chain(inner, async () => undefined),
  'chain behind a failure': (inner: LegacyIdResolver) => chain(() => Promise.reject(new Error(DOWN)), inner),
} as const;

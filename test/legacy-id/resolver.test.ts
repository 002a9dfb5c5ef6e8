import { describe, expect, it, vi } from 'vitest';
import { ConfigurationError, CutoverError } from '../../src/errors.js';
import { chain, checkAnswer, type LegacyIdResolver, unavailable } from '../../src/legacy-id/resolver.js';
import { queryOf } from './support.js';

const outage = new Error('the store is down');
const throws: LegacyIdResolver = () => {
  throw outage;
};
const rejects: LegacyIdResolver = () => Promise.reject(outage);
const knowsNothing: LegacyIdResolver = () => undefined;
const knowsNothingLater: LegacyIdResolver = async () => undefined;
const finds =
  (id: string): LegacyIdResolver =>
  () =>
    id;
const findsLater =
  (id: string): LegacyIdResolver =>
  async () =>
    id;
// What a faulty resolver written in JavaScript may answer.
const nonsense = (answer: unknown): LegacyIdResolver => vi.fn<LegacyIdResolver>().mockReturnValue(answer as string);

/** The outcome of asking, whichever way it comes. */
async function ask(resolver: LegacyIdResolver): Promise<string | undefined> {
  return resolver(queryOf());
}

describe('chain', () => {
  it.each<[string, LegacyIdResolver[], string | undefined]>([
    ['the first answer wins', [finds('a'), finds('b')], 'a'],
    ['the first answer wins when it comes later', [findsLater('a'), finds('b')], 'a'],
    ['nothing passes the question on', [knowsNothing, finds('b')], 'b'],
    ['nothing, later, passes the question on', [knowsNothingLater, findsLater('b')], 'b'],
    ['null is nothing', [nonsense(null), finds('b')], 'b'],
    ['nothing from everyone is nothing', [knowsNothing, knowsNothingLater], undefined],
    ['a failure does not hide what a later one knows', [throws, finds('b')], 'b'],
    ['a rejection does not hide what a later one knows', [rejects, findsLater('b')], 'b'],
    ['nonsense does not hide what a later one knows', [nonsense(42), finds('b')], 'b'],
    ['a chain in a chain', [chain(knowsNothing, rejects), chain(knowsNothingLater, finds('c'))], 'c'],
  ])('%s', async (_name, resolvers, expected) => {
    await expect(ask(chain(...resolvers))).resolves.toBe(expected);
  });

  it.each<[string, LegacyIdResolver[]]>([
    ['a failure, then nothing', [throws, knowsNothing]],
    ['nothing, then a failure', [knowsNothing, throws]],
    ['a rejection, then nothing later', [rejects, knowsNothingLater]],
    ['nothing later, then a rejection', [knowsNothingLater, rejects]],
    ['a failure of a chain inside', [chain(throws, knowsNothing), knowsNothing]],
  ])('cannot tell after %s', async (_name, resolvers) => {
    await expect(ask(chain(...resolvers))).rejects.toMatchObject({ code: 'ERR_LEGACY_ID_UNAVAILABLE', status: 503 });
  });

  it.each([{ answer: 42 }, { answer: '' }, { answer: {} }, { answer: [] }, { answer: true }])(
    'takes $answer for a fault, not for nothing',
    async ({ answer }) => {
      await expect(ask(chain(nonsense(answer), knowsNothing))).rejects.toMatchObject({
        code: 'ERR_LEGACY_ID_UNAVAILABLE',
        cause: expect.any(TypeError),
      });
      await expect(ask(chain(nonsense(Promise.resolve(answer)), knowsNothing))).rejects.toBeInstanceOf(CutoverError);
    },
  );

  it('keeps one failure as the cause, and several together', async () => {
    await expect(ask(chain(throws, knowsNothing))).rejects.toMatchObject({ cause: outage });
    await expect(ask(chain(throws, rejects))).rejects.toMatchObject({ cause: { errors: [outage, outage] } });
  });

  it('names the soonest moment at which another try makes sense', async () => {
    const busy = (seconds: number) => () => Promise.reject(unavailable(outage, seconds));
    await expect(ask(chain(busy(30), throws, busy(5)))).rejects.toMatchObject({ retryAfterSeconds: 5 });
    await expect(ask(chain(throws, rejects))).rejects.toSatisfy((error) => error.retryAfterSeconds === undefined);
  });

  it('asks nobody after the answer, and everyone with the same query', async () => {
    const never = vi.fn(knowsNothing);
    const asked = vi.fn(knowsNothingLater);
    const query = queryOf();
    await chain(asked, finds('a'), never)(query);
    expect(asked).toHaveBeenCalledExactlyOnceWith(query);
    expect(never).not.toHaveBeenCalled();
  });

  it('answers without a promise as long as its members do', () => {
    expect(chain(knowsNothing, finds('a'))(queryOf())).toBe('a');
    expect(() => chain(throws, knowsNothing)(queryOf())).toThrow(CutoverError);
  });

  it('waits for promises that are not the built-in ones', async () => {
    const foreign = Object.fromEntries([['then', (resolve: (value: string) => void) => resolve('a')]]);
    await expect(ask(chain(nonsense(foreign), finds('b')))).resolves.toBe('a');
  });

  it.each([{ resolvers: [] }, { resolvers: [finds('a'), undefined] }, { resolvers: ['a'] }])(
    'refuses to be built from $resolvers',
    ({ resolvers }) => {
      expect(() => Reflect.apply(chain, undefined, resolvers)).toThrow(ConfigurationError);
    },
  );
});

describe('checkAnswer', () => {
  it('shows no part of the answer in its message', () => {
    expect(() => checkAnswer({ email: 'jo@example.com' })).toThrow(/^a legacy id must be .* a value of type object$/);
    expect(() => checkAnswer('')).toThrow('got an empty one');
  });
});

describe('forget', () => {
  it('reaches every resolver behind a chain, though one of them fails', () => {
    const fault = new Error('mine');
    const asked: unknown[] = [];
    const forgetting = (name: string, fail = false) =>
      Object.assign(() => undefined, {
        forget: (sub?: string) => {
          asked.push(name, sub);
          if (fail) throw fault;
        },
      });
    const all = chain(forgetting('a', true), () => undefined, forgetting('b'));
    expect(() => all.forget?.('me')).toThrow(fault);
    expect(asked).toEqual(['a', 'me', 'b', 'me']);
  });
});

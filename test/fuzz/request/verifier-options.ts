import fc from 'fast-check';
import { ConfigurationError } from '../../../src/errors.js';
import type { VerifierOptions } from '../../../src/verify/types.js';
import { createCutoverVerifier } from '../../../src/verify/verifier.js';
import { judgedPools, originalsOf } from '../../support/judges.js';
import { assertNoCanary, CANARY } from '../canary.js';
import { fuzzTarget } from '../fuzz-target.js';
import { ensure, refusalCode, settledOf, settledSync } from './refusals.js';

const NOW = Date.UTC(2026, 0, 15, 12);

/** Values in the place of an option, by a name: what is told of a failure must be readable. */
const VALUES: Readonly<Record<string, () => unknown>> = {
  undefined: () => undefined,
  null: () => null,
  true: () => true,
  false: () => false,
  zero: () => 0,
  one: () => 1,
  half: () => 0.5,
  minus: () => -1,
  many: () => 301,
  huge: () => 1e15,
  NaN: () => Number.NaN,
  infinity: () => Number.POSITIVE_INFINITY,
  bigint: () => 7n,
  symbol: () => Symbol('a'),
  empty: () => '',
  text: () => 'access',
  number: () => '5',
  uuid: () => 'uuid',
  own: () => 'own-sub',
  url: () => 'https://keys.example/jwks.json',
  http: () => 'http://keys.example/jwks.json',
  secret: () => `https://${CANARY.name.replaceAll(' ', '-')}:${CANARY.password}@keys.example/`,
  file: () => 'file:///etc/passwd',
  list: () => [],
  texts: () => ['a', 'b'],
  holes: () => [undefined, ''],
  nested: () => [['a']],
  object: () => ({}),
  bare: () => Object.create(null),
  unknown: () => ({ surplus: 1 }),
  date: () => new Date(NOW + 60_000),
  noDate: () => new Date(Number.NaN),
  map: () => new Map([['maxTokens', 1]]),
  set: () => new Set(['a']),
  regexp: () => /^[a-z]+$/gi,
  promise: () => Promise.resolve({ maxTokens: 1 }),
  function: () => () => undefined,
  async: () => async () => undefined,
  proxy: () => new Proxy({}, {}),
};
type Named = keyof typeof VALUES & string;

const is =
  (...names: readonly Named[]) =>
  (name: Named) =>
    name === 'undefined' || names.includes(name);
const isFunction = is('function', 'async');
const isObject = is('object', 'bare', 'proxy');
const isText = is('empty', 'text', 'number', 'uuid', 'own', 'url', 'http', 'secret', 'file');
const isFull = (name: Named) => name !== 'empty' && isText(name);
const numeric = (min: number, max: number, isWhole = false) => {
  const isIn = (value: unknown) =>
    typeof value === 'number' && value >= min && value <= max && (!isWhole || Number.isInteger(value));
  return (name: Named) => name === 'undefined' || isIn(VALUES[name]?.());
};

/** Every option, with the rule by which a value is right, as docs/verifier.md has it. */
const RULES: Readonly<Record<string, (name: Named) => boolean>> = {
  legacyPool: is('list'),
  newPool: () => false,
  tokenUse: (name) => name === 'text',
  'newPool.userPoolId': () => false,
  'newPool.clientIds': (name) => name === 'null' || name === 'texts',
  'newPool.issuers': is('texts'),
  'newPool.jwksUri': is('url'),
  'newPool.jwks': is(),
  'newPool.clientAliases': isObject,
  'newPool.audience': (name) => name === 'null' || name === 'texts' || isFull(name),
  'newPool.tokenUse': is('text'),
  legacyId: isObject,
  'legacyId.idTokenClaim': isFull,
  'legacyId.accessTokenClaim': isFull,
  'legacyId.format': (name) => is('null', 'uuid', 'regexp')(name),
  'legacyId.resolve': isFunction,
  'legacyId.resolveTimeoutMs': numeric(1, 60_000),
  'legacyId.resolvedSeconds': numeric(0, 86_400),
  'legacyId.onMissing': is('own'),
  legacyTokens: isObject,
  'legacyTokens.acceptUntil': (name) => name === 'date' || isFunction(name),
  'legacyTokens.acceptSignInsBefore': (name) => name === 'date' || isFunction(name),
  isRevoked: isFunction,
  clockToleranceSeconds: numeric(0, 300),
  cache: (name) => name === 'false' || isObject(name),
  'cache.maxTokens': numeric(1, 10_000_000, true),
  keys: isObject,
  'keys.fetch': isFunction,
  'keys.timeoutMs': numeric(1, 60_000),
  'keys.refreshSeconds': numeric(1, 86_400),
  'keys.maxStaleSeconds': numeric(0, 31 * 86_400),
  'keys.cooldownSeconds': numeric(1, 3_600),
  clock: is(),
  'clock.monotonic': isFunction,
  onEvent: isFunction,
  'surplus option': () => false,
  'keys.surplus': () => false,
  'newPool.clientId': () => false,
};

type Change = readonly [option: string, value: Named];

/** Sets an option by its path in a copy. */
function withOption(options: object, path: string, value: unknown): object {
  const [name = '', ...rest] = path.split('.');
  if (rest.length === 0) return { ...options, [name]: value };
  const inner = (options as Readonly<Record<string, object | undefined>>)[name];
  return { ...options, [name]: withOption(inner ?? {}, rest.join('.'), value) };
}

export const verifierOptionsBy = (create: (options: VerifierOptions) => ReturnType<typeof createCutoverVerifier>) =>
  fuzzTarget<readonly Change[]>({
    name: 'verifier-options',
    boundary: 'the options of a verifier, from code, files and environments',
    start() {
      const pools = judgedPools();
      const token = originalsOf(pools[0], NOW / 1000)[1]?.token ?? '';
      const clock = { now: () => NOW };
      const base = { legacyPool: pools[0].options, newPool: pools[1].options, tokenUse: 'access', clock };
      const option = fc.constantFrom(...Object.keys(RULES));
      return {
        input: fc.uniqueArray(fc.tuple(option, fc.constantFrom(...Object.keys(VALUES))), {
          minLength: 1,
          maxLength: 3,
          // Two changes of the same branch would overwrite one another.
          selector: ([path]) => path.split('.')[0],
        }),
        async check(changes) {
          const options = changes.reduce<object>((all, [path, name]) => withOption(all, path, VALUES[name]?.()), base);
          const made = settledSync(() => create(options as VerifierOptions));
          const wrong = changes.filter(([path, name]) => RULES[path]?.(name) === false);
          if ('error' in made) {
            checkMistake(
              made.error,
              wrong.map(([path]) => path),
            );
            return;
          }
          ensure(wrong.length === 0, `accepted without a word: ${wrong.map((one) => one.join(' = ')).join('; ')}`);
          const outcome = await settledOf(() => made.answer.verify(token));
          if ('error' in outcome) refusalCode('a verifier with these options', outcome.error);
          made.answer.close();
        },
      };
    },
  });

function checkMistake(error: unknown, wrong: readonly string[]): void {
  if (!(error instanceof ConfigurationError)) throw new Error('not a ConfigurationError', { cause: error });
  const { option, message } = error;
  ensure(wrong.length > 0, `refused right options: ${message}`);
  const isNamed = wrong.some(
    (path) => option === path || option.startsWith(`${path}.`) || option.startsWith(`${path}[`),
  );
  // What the option needs of another one is told at either of them.
  ensure(isNamed, `named ${option} in place of ${wrong.join(' or ')}: ${message}`);
  ensure(message.startsWith(`${option}: `), `does not begin with the option: ${message}`);
  assertNoCanary('a ConfigurationError', error);
}

export const verifierOptions = verifierOptionsBy(createCutoverVerifier);

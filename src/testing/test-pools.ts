import { randomInt } from 'node:crypto';
import { checkKeys } from '../options.js';
import { makePerson, type PersonOptions, type TestPerson } from './person.js';
import { LocalPool, type TestPool } from './pool.js';

/** Options of {@link createTestPools}. */
export interface TestPoolsOptions {
  /**
   * Whether the keys are served over HTTP on loopback, as Cognito serves them over https. With `false` they are in
   * `PoolOptions.jwks`: no port is opened, and a verifier that was created before a rotation does not notice it.
   * @defaultValue true
   */
  readonly serve?: boolean;
  /** The time that tokens are minted at, in milliseconds since the epoch. @defaultValue `Date.now` */
  readonly now?: () => number;
}

/** A legacy and a new user pool with separate keys. */
export interface TestPools {
  readonly legacyPool: TestPool;
  readonly newPool: TestPool;
  /** One person with an account in both pools. */
  person(options?: PersonOptions): TestPerson;
  /** Stops serving keys. The pools sign no more tokens afterwards. */
  close(): Promise<void>;
}

/**
 * Two user pools without AWS, to test an application against tokens of both.
 *
 * @example
 * const pools = await createTestPools();
 * const verifier = createCutoverVerifier({
 *   legacyPool: pools.legacyPool.options,
 *   newPool: pools.newPool.options,
 *   tokenUse: 'access',
 * });
 * const anna = pools.person();
 * (await verifier.verify(anna.legacy.accessToken())).userId === anna.userId; // true
 * (await verifier.verify(anna.new.accessToken())).userId === anna.userId;    // true
 * await pools.close();
 *
 * @throws ConfigurationError when an option is unknown
 */
export async function createTestPools(options: TestPoolsOptions = {}): Promise<TestPools> {
  checkKeys('options', options, ['serve', 'now']);
  const { serve = true, now = Date.now } = options;
  const create = () =>
    LocalPool.create({ userPoolId: `eu-west-1_${text(9, LETTERS)}`, clientId: text(26, LOWER_CASE), serve, now });
  const [legacyPool, newPool] = await Promise.all([create(), create()]);
  return {
    legacyPool,
    newPool,
    person: (personOptions = {}) => makePerson(legacyPool, newPool, personOptions),
    close: async () => {
      await Promise.all([legacyPool.close(), newPool.close()]);
    },
  };
}

const LOWER_CASE = 'abcdefghijklmnopqrstuvwxyz0123456789';
const LETTERS = `ABCDEFGHIJKLMNOPQRSTUVWXYZ${LOWER_CASE}`;

function text(length: number, alphabet: string): string {
  return Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('');
}

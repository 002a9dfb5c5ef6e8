import { checkNumber, checkString, refuse } from '../../../options.js';

/** What the operator knows, and no instance can see. */
export interface DrainQuestion {
  /**
   * How long refresh tokens of the legacy pool live, in seconds: the longest of its app clients. 0 where they were revoked, and no client
   * has a sign-in flow any more. Default: unknown, which is a reason not to close the pool.
   */
  readonly refreshTokenSeconds?: number | undefined;
  /**
   * How long access and ID tokens of the legacy pool live, in seconds. Default: the longest of those that were accepted; a
   * day, the most that Cognito issues, where none was seen.
   */
  readonly tokenSeconds?: number | undefined;
  /**
   * How many instances count at any time, at least. Default: unknown. An instance that was added cannot be told then from one that has
   * served for long without counting, so everything is counted only since the last one was first seen.
   */
  readonly expectInstances?: number | undefined;
  /** Ids of the pools to be closed. Default: those whose tokens were seen. */
  readonly legacyPools?: readonly string[] | undefined;
}

/** The longest that Cognito lets refresh tokens live: ten years. */
const LONGEST_SECONDS = 315_360_000;
const MOST_INSTANCES = 1_000_000;

/** @throws `ConfigurationError` */
export function checkDrainQuestion(question: DrainQuestion): void {
  const { refreshTokenSeconds, tokenSeconds, expectInstances, legacyPools } = question;
  checkNumber('refreshTokenSeconds', refreshTokenSeconds, { min: 0, max: LONGEST_SECONDS, fallback: 0 });
  checkNumber('tokenSeconds', tokenSeconds, { min: 1, max: LONGEST_SECONDS, fallback: 1 });
  checkNumber('expectInstances', expectInstances, { min: 1, max: MOST_INSTANCES, integer: true, fallback: 1 });
  if (legacyPools === undefined) return;
  if (!Array.isArray(legacyPools)) refuse('legacyPools', 'an array of user pool ids', legacyPools);
  for (const [index, id] of legacyPools.entries()) checkString(`legacyPools[${index}]`, id, 'a user pool id');
}

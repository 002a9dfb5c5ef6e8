import type { Clock } from '../../clock.js';
import { DirectoryError } from '../../directory/types.js';
import { MigrationError } from '../errors.js';
import type { Pace } from './pace.js';

/** Calls in a row that may fail before AWS or the network is given up on. With the pauses between them, some minutes. */
export const MOST_FAILURES = 12;
export const FIRST_PAUSE_MS = 250;
export const LONGEST_PAUSE_MS = 20_000;

/** Attempts and throttles, counted over calls. */
export interface CallCounts {
  attempts: number;
  throttled: number;
}

export interface CallOptions {
  readonly clock: Clock;
  readonly pace: Pace;
  readonly signal?: AbortSignal | undefined;
  readonly counts?: CallCounts;
  readonly random?: () => number;
}

/**
 * Sends a call, at the pace's moments, until it is answered. Throttling and failures that may pass are repeated after pauses
 * that double; others are thrown as they came.
 * @throws {@link DirectoryError} of a kind that does not pass; {@link MigrationError} `ERR_UNAVAILABLE`
 */
export async function repeated<T>(call: () => Promise<T>, options: CallOptions): Promise<T> {
  const { clock, pace, signal, counts, random = Math.random } = options;
  let failures = 0;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    await pace.acquire(signal);
    if (counts !== undefined) counts.attempts += 1;
    try {
      const answer = await call();
      pace.answered(false);
      return answer;
    } catch (error) {
      const throttled = error instanceof DirectoryError && error.kind === 'throttled';
      pace.answered(throttled);
      if (counts !== undefined && throttled) counts.throttled += 1;
      if (!mayPass(error)) throw error;
      failures += 1;
      if (failures >= MOST_FAILURES) throw asMigrationError(error);
    }
    await clock.sleep(pause * (0.5 + random() / 2), signal);
  }
}

/** Whether the same call may succeed a little later. */
export function mayPass(error: unknown): error is DirectoryError {
  return error instanceof DirectoryError && ['throttled', 'unavailable', 'answer'].includes(error.kind);
}

/** Where each operation's permission is named in IAM. */
const IAM_ACTION = 'cognito-idp:';

/** What a failed call means to the person who ran the command. Other errors come back as they are. */
export function asMigrationError(error: unknown): unknown {
  if (!(error instanceof DirectoryError)) return error;
  const { kind, operation, message } = error;
  if (kind === 'credentials' && error.exception === 'RegionMissing') {
    return new MigrationError('ERR_CREDENTIALS', `no Region is known for the pool: ${message}`, {
      fix: 'Give --legacy-region or --new-region, or set AWS_REGION.',
      cause: error,
    });
  }
  if (kind === 'credentials') {
    return new MigrationError('ERR_CREDENTIALS', message, {
      fix: `Check the credentials, profile or role of this pool; they need the permission ${IAM_ACTION}${operation}.`,
      cause: error,
    });
  }
  if (kind === 'throttled' || kind === 'unavailable' || kind === 'answer') {
    return new MigrationError('ERR_UNAVAILABLE', message, {
      fix: 'What is done is recorded. Run the same command again to go on.',
      cause: error,
    });
  }
  return new MigrationError('ERR_POOL', message, { cause: error });
}

/** The error a command ends with after its signal aborted; any other error as it is. */
export function interruptedOr(error: unknown, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted !== true || error instanceof MigrationError) return error;
  return new MigrationError('ERR_INTERRUPTED', 'interrupted', {
    fix: 'What is done is recorded. Run the same command again to go on.',
    cause: error,
  });
}

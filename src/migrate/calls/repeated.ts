import type { Clock } from '../../clock.js';
import { DirectoryError, isExpiry, isThrottle } from '../../directory/user-types.js';
import { MigrationError } from '../migration-error.js';
import { likelyCause } from './likely-cause.js';
import type { Pace } from './pace.js';
import { Patience } from './patience.js';

export { mayPass } from './patience.js';

/** Attempts and throttles, counted over calls. */
export interface CallCounts {
  attempts: number;
  throttled: number;
}

export interface CallOptions {
  readonly clock: Clock;
  readonly pace: Pace;
  readonly signal?: AbortSignal | undefined;
  /** Shared by all calls of a run. Default: two minutes for this call alone. */
  readonly patience?: Patience | undefined;
  readonly counts?: CallCounts;
  readonly random?: () => number;
}

/**
 * Sends a call when the pace allows it, until it is answered. Calls that were throttled or failed temporarily are sent again,
 * after pauses that double, until the run's patience ends. Other errors are rethrown.
 * @throws {@link DirectoryError} that is not temporary; {@link MigrationError} `ERR_UNAVAILABLE`, `ERR_CREDENTIALS`
 */
export async function repeated<T>(call: () => Promise<T>, options: CallOptions): Promise<T> {
  const { clock, pace, signal, counts, random, patience = Patience.ofOneCall(clock, random) } = options;
  const trouble = patience.trouble();
  for (;;) {
    await pace.acquire(signal);
    if (counts !== undefined) counts.attempts += 1;
    let pause: number | undefined;
    try {
      const answer = await patience.watch(call);
      pace.answered(false);
      return answer;
    } catch (error) {
      const throttled = isThrottle(error);
      pace.answered(throttled);
      if (counts !== undefined && throttled) counts.throttled += 1;
      if (!patience.mayPass(error)) throw error;
      pause = trouble.pauseAfter(error);
      if (pause === undefined) throw asMigrationError(error);
    }
    await clock.sleep(pause, signal);
  }
}

/** What to do when no progress is lost. */
export const GO_ON = 'What is done is recorded. Run the same command again to continue.';

/** The IAM action of an operation: Cognito's, but for the one call to CloudWatch. */
const actionOf = (operation: string): string =>
  `${operation === 'GetMetricData' ? 'cloudwatch' : 'cognito-idp'}:${operation}`;

/** What a failed call means to the person who ran the command. Returns other errors unchanged. */
export function asMigrationError(error: unknown): unknown {
  if (!(error instanceof DirectoryError)) return error;
  const { kind, operation } = error;
  const likely = likelyCause(error);
  const message = likely?.message ?? error.message;
  if (kind === 'credentials' && error.exception === 'RegionMissing') {
    return new MigrationError('ERR_CREDENTIALS', `no Region is known for the pool: ${message}`, {
      fix: 'Give --legacy-region or --new-region, or set AWS_REGION.',
      cause: error,
    });
  }
  if (isExpiry(error)) {
    return new MigrationError('ERR_CREDENTIALS', message, {
      fix:
        likely?.fix ??
        'Renew the credentials, for example with `aws sso login`, and run the same command again: what is done is recorded.',
      cause: error,
    });
  }
  if (kind === 'credentials') {
    return new MigrationError('ERR_CREDENTIALS', message, {
      fix: `Check the credentials, profile or role of this pool; they need the permission ${actionOf(operation)}.`,
      cause: error,
    });
  }
  if (kind === 'throttled' || kind === 'unavailable' || kind === 'answer') {
    return new MigrationError('ERR_UNAVAILABLE', message, {
      fix: likely?.fix ?? GO_ON,
      cause: error,
    });
  }
  return new MigrationError('ERR_POOL', message, {
    ...(likely?.fix === undefined ? {} : { fix: likely.fix }),
    cause: error,
  });
}

/** The error a command ends with after its signal aborted; any other error unchanged. */
export function interruptedOr(error: unknown, signal: AbortSignal | undefined, fix = GO_ON): unknown {
  if (signal?.aborted !== true || error instanceof MigrationError) return error;
  return new MigrationError('ERR_INTERRUPTED', 'interrupted', { fix, cause: error });
}

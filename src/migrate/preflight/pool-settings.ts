import type { Clock } from '../../clock.js';
import { DirectoryError, type UserDirectory } from '../../directory/user-types.js';
import { Pace } from '../calls/pace.js';
import type { Patience } from '../calls/patience.js';
import { SETTINGS_RPS } from '../calls/quotas.js';
import { mayPass, repeated } from '../calls/repeated.js';

/** A pool whose settings are read, and how to read them. */
export interface AskedPool {
  readonly directory: UserDirectory;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
  /** The patience of the run. */
  readonly patience?: Patience | undefined;
  /** Called with what is being read, and the progress. */
  readonly step?: ((what: string, count?: { readonly done: number; readonly total: number }) => void) | undefined;
}

/** Sends calls about settings at the rate for settings, and repeats each until it succeeds or its failure is final. */
export function asking({
  clock,
  signal,
  patience,
}: Omit<AskedPool, 'directory'>): <T>(send: () => Promise<T>) => Promise<T> {
  const pace = new Pace(SETTINGS_RPS, clock);
  return (send) => repeated(send, { clock, pace, signal, patience });
}

/**
 * Whether a setting cannot be read until permissions or the server change: access is denied, or the server does not support the call.
 * Outages are temporary, and so are credentials that have expired or cannot be fetched.
 */
export function isWithheld(error: unknown): error is DirectoryError {
  if (mayPass(error) || !(error instanceof DirectoryError)) return false;
  return error.kind !== 'credentials' || error.exception.startsWith('AccessDenied');
}

/** Yields each item in turn and reports the progress. */
export async function* counted<T>(
  what: string,
  all: AsyncIterable<T> | Iterable<T>,
  { step }: Pick<AskedPool, 'step'>,
): AsyncGenerator<T> {
  const list: T[] = [];
  for await (const one of all) list.push(one);
  for (const [done, one] of list.entries()) {
    step?.(what, { done, total: list.length });
    yield one;
  }
}

/** Resolves to `undefined` for a resource that was deleted after it was listed. */
export async function unlessGone<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof DirectoryError && error.exception === 'ResourceNotFoundException') return undefined;
    throw error;
  }
}

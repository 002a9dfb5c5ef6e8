import type { Clock } from '../../clock.js';
import { DirectoryError, type UserDirectory } from '../../directory/user-types.js';
import { Pace } from '../calls/pace.js';
import type { Patience } from '../calls/patience.js';
import { SETTINGS_RPS } from '../calls/quotas.js';
import { mayPass, repeated } from '../calls/repeated.js';

/** A pool whose settings are asked for, and how. */
export interface AskedPool {
  readonly directory: UserDirectory;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
  /** The run's. */
  readonly patience?: Patience | undefined;
  /** Told what is asked for, and how far that is. */
  readonly step?: ((what: string, count?: { readonly done: number; readonly total: number }) => void) | undefined;
}

/** Sends calls about settings one after another, each until it is answered. */
export function asking({
  clock,
  signal,
  patience,
}: Omit<AskedPool, 'directory'>): <T>(send: () => Promise<T>) => Promise<T> {
  const pace = new Pace(SETTINGS_RPS, clock);
  return (send) => repeated(send, { clock, pace, signal, patience });
}

/**
 * Whether a setting cannot be read for as long as permissions and server are what they are: it is denied, or not offered. Outages
 * pass, and so do credentials that are expired or cannot be fetched.
 */
export function isWithheld(error: unknown): error is DirectoryError {
  if (mayPass(error) || !(error instanceof DirectoryError)) return false;
  return error.kind !== 'credentials' || error.exception.startsWith('AccessDenied');
}

/** Each of many one after the other, told how far that is. */
export async function* counted<T>(
  what: string,
  all: AsyncIterable<T>,
  { step }: Pick<AskedPool, 'step'>,
): AsyncGenerator<T> {
  const list: T[] = [];
  for await (const one of all) list.push(one);
  for (const [done, one] of list.entries()) {
    step?.(what, { done, total: list.length });
    yield one;
  }
}

/** `undefined` for what was deleted since it was listed. */
export async function unlessGone<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof DirectoryError && error.exception === 'ResourceNotFoundException') return undefined;
    throw error;
  }
}

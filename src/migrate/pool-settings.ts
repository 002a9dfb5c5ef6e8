import type { Clock } from '../clock.js';
import { DirectoryError, type Page, type UserDirectory } from '../directory/types.js';
import { Pace } from './calls/pace.js';
import { SETTINGS_RPS } from './calls/quotas.js';
import { mayPass, repeated } from './calls/repeated.js';

/** A pool whose settings are asked for, and how. */
export interface AskedPool {
  readonly directory: UserDirectory;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
}

/** Sends calls about settings one after another, each until it is answered. */
export function asking({ clock, signal }: AskedPool): <T>(send: () => Promise<T>) => Promise<T> {
  const pace = new Pace(SETTINGS_RPS, clock);
  return (send) => repeated(send, { clock, pace, signal });
}

/** The items of all pages. */
export async function* items<T>(list: (token: string | undefined) => Promise<Page<T>>): AsyncGenerator<T> {
  for (let token: string | undefined, first = true; first || token !== undefined; first = false) {
    const page = await list(token);
    yield* page.items;
    token = page.nextToken;
  }
}

/**
 * Whether a setting cannot be read for as long as permissions and server are what they are: it is denied, or not offered. Outages
 * pass, and so do credentials that are expired or cannot be fetched.
 */
export function isWithheld(error: unknown): error is DirectoryError {
  if (mayPass(error) || !(error instanceof DirectoryError)) return false;
  return error.kind !== 'credentials' || error.exception.startsWith('AccessDenied');
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

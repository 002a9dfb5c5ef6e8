import type { AttributeLimits } from '../users/attribute-values.js';
import type { Page } from './user-types.js';

/** What of the new pool's settings decides who can be imported, and how. */
export interface ImportSettings {
  /** Contacts that the pool sends codes to, `email` or `phone_number`: an imported user needs one of them verified. */
  readonly autoVerified: readonly string[];
  /** Where people sign in with an address in place of a username: `email`, `phone_number`, or both. */
  readonly signInWith: readonly string[];
  /** Attributes that people can sign in with beside a username. */
  readonly aliases: readonly string[];
  readonly mfaRequired: boolean;
  readonly attributes: readonly AttributeRule[];
}

export interface AttributeRule extends AttributeLimits {
  readonly required: boolean;
}

/** Statuses of a job that was never started, that works, and that is through. */
export const NEVER_STARTED = ['Created', 'Expired'] as const;
export const WORKING = ['Pending', 'InProgress', 'Stopping'] as const;
export const ENDED = ['Succeeded', 'Failed', 'Stopped'] as const;

export interface ImportJob {
  readonly id: string;
  readonly name: string;
  /** `Created`, one of {@link WORKING}, one of {@link ENDED}, or `Expired`: never started, and gone. */
  readonly status: string;
  /** Where the file is to be put; good for a quarter of an hour. */
  readonly uploadUrl: string | undefined;
  readonly imported: number;
  readonly skipped: number;
  readonly failed: number;
  /** What Cognito says at the end. */
  readonly message: string;
}

/**
 * User imports of one pool. As of `UserDirectory`: every method is one attempt of one call, and every rejection is a
 * `DirectoryError` or the signal's reason.
 */
export interface ImportService {
  readonly userPoolId: string;
  /** Columns of the pool's import file. */
  columns(signal?: AbortSignal): Promise<readonly string[]>;
  settings(signal?: AbortSignal): Promise<ImportSettings>;
  createJob(name: string, logsRoleArn: string, signal?: AbortSignal): Promise<ImportJob>;
  startJob(id: string, signal?: AbortSignal): Promise<ImportJob>;
  stopJob(id: string, signal?: AbortSignal): Promise<ImportJob>;
  describeJob(id: string, signal?: AbortSignal): Promise<ImportJob>;
  listJobs(token?: string, signal?: AbortSignal): Promise<Page<ImportJob>>;
  /**
   * Puts a file to a job's address. Of kind `token` when the address is refused or expired.
   */
  upload(url: string, file: { readonly path: string; readonly bytes: number }, signal?: AbortSignal): Promise<void>;
}

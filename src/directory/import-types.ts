import type { AttributeLimits } from '../users/attribute-values.js';
import type { Page } from './user-types.js';

/** The settings of the new pool that decide who can be imported, and how. */
export interface ImportSettings {
  /** Contacts that the pool verifies, `email` or `phone_number`: an imported user needs at least one verified contact of these. */
  readonly autoVerified: readonly string[];
  /** What users sign in with in place of a username: `email`, `phone_number`, or both. Otherwise empty. */
  readonly signInWith: readonly string[];
  /** Attributes that users can sign in with in addition to a username. */
  readonly aliases: readonly string[];
  readonly mfaRequired: boolean;
  readonly attributes: readonly AttributeRule[];
}

export interface AttributeRule extends AttributeLimits {
  readonly required: boolean;
}

/** Statuses of a job that was never started, that is running, and that has ended. */
export const NEVER_STARTED = ['Created', 'Expired'] as const;
export const WORKING = ['Pending', 'InProgress', 'Stopping'] as const;
export const ENDED = ['Succeeded', 'Failed', 'Stopped'] as const;

export interface ImportJob {
  readonly id: string;
  readonly name: string;
  /** `Created`, one of {@link WORKING}, one of {@link ENDED}, or `Expired`: never started and no longer usable. */
  readonly status: string;
  /** Where to upload the file; valid for 15 minutes. */
  readonly uploadUrl: string | undefined;
  readonly imported: number;
  readonly skipped: number;
  readonly failed: number;
  /** Cognito's message when the job has ended. */
  readonly message: string;
}

/**
 * User imports of one pool. As with `UserDirectory`, every method makes one attempt of one call, and every rejection is a
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
   * Uploads a file to a job's address. Rejects with kind `token` if the address is refused or expired.
   */
  upload(url: string, file: { readonly path: string; readonly bytes: number }, signal?: AbortSignal): Promise<void>;
}

/** `apply --json`. Counts this run alone, except `remaining`. */
export interface ApplyResult {
  readonly written: number;
  /** Users whom the pool refuses to change for good. */
  readonly failed: number;
  /** Users deleted since the plan, and users who are no longer as planned. */
  readonly skipped: number;
  /** Of the skipped: users who are no longer as planned. The report says why. */
  readonly changed: number;
  /** Writes the plan still asks for. */
  readonly remaining: number;
  /** Calls sent, repeated ones included. */
  readonly attempts: number;
  /** Calls that Cognito throttled. */
  readonly throttled: number;
  readonly seconds: number;
  /** Why the run ended before everything was written, where that was asked for. */
  readonly stoppedBy?: 'max-failed';
  /** Only of a dry run. */
  readonly dryRun?: true;
  /** Only of a dry run: what it would have written. */
  readonly wouldWrite?: number;
}

/** `rollback --json`. */
export interface RollbackResult {
  /** Values and memberships removed, and groups deleted. */
  readonly removed: number;
  /** Values put back to what they were before (after `--overwrite`). */
  readonly restored: number;
  /**
   * Left alone: the value is no longer the one this state wrote, somebody else has the username, or the group was changed or has
   * members.
   */
  readonly changed: number;
  /** Users deleted since. */
  readonly skipped: number;
  readonly failed: number;
  readonly remaining: number;
  readonly attempts: number;
  readonly throttled: number;
  readonly seconds: number;
  /** Only of a dry run: the counts are what a rollback would do. */
  readonly dryRun?: true;
}

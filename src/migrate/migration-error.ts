/**
 * Why a command of the sync script stopped.
 *
 * | code | exit code | meaning |
 * |---|---|---|
 * | `ERR_STATE_LOCKED` | 2 | another process is working on this state |
 * | `ERR_STATE_INVALID` | 2 | not a state file, damaged, of an older or newer version, or of other pools |
 * | `ERR_STATE_NOT_READY` | 2 | the command needs a finished plan (or a state file at all) |
 * | `ERR_ATTRIBUTE` | 2 | the attribute is missing, immutable, too short, or writable by users |
 * | `ERR_POOL` | 2; 3 after the first write | the pool will never accept the call: no such pool, a replica Region, a hard limit |
 * | `ERR_CREDENTIALS` | 3 | no credentials, expired ones, or a permission is missing |
 * | `ERR_UNAVAILABLE` | 3 | AWS or the network kept failing |
 * | `ERR_STATE_STORAGE` | 3 | the state cannot be written: disk full, read error |
 * | `ERR_HOOK` | 3 | the command given with `--hook` failed, which stops the run |
 * | `ERR_INTERRUPTED` | 130 | the signal aborted; what was in flight was finished and recorded |
 */
export type MigrationErrorCode =
  | 'ERR_STATE_LOCKED'
  | 'ERR_STATE_INVALID'
  | 'ERR_STATE_NOT_READY'
  | 'ERR_ATTRIBUTE'
  | 'ERR_POOL'
  | 'ERR_CREDENTIALS'
  | 'ERR_UNAVAILABLE'
  | 'ERR_STATE_STORAGE'
  | 'ERR_HOOK'
  | 'ERR_INTERRUPTED';

/**
 * Ends a command. `message` is a sentence for the person at the terminal; `fix`, if present, says what to do about it, possibly in
 * several lines. Neither contains personal data.
 */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
  readonly code: MigrationErrorCode;
  fix?: string;
  /** What apply or rollback had done when it stopped: an `ApplyResult` or a `RollbackResult`. */
  partial?: unknown;

  constructor(code: MigrationErrorCode, message: string, details: { fix?: string; cause?: unknown } = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    if (details.fix !== undefined) this.fix = details.fix;
  }
}

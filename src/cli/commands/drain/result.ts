import type { DrainReport } from '../../../operate/drain/drain-types.js';
import type { PoolActivity } from '../../../operate/drain/report/aws-activity.js';
import type { PoolSessions } from '../../../operate/drain/report/live-sessions.js';

/** `drain --json`. */
export interface DrainResult extends DrainReport {
  /** How long refresh tokens of the legacy pools live, at most; `null` if that is not known. */
  readonly refreshLifetimeSeconds: number | null;
  /** What AWS counted, by pool; `null` without `--cloudwatch`. */
  readonly cloudwatch: readonly PoolActivity[] | null;
  /** Live sessions, by pool; `null` without `--sessions`. */
  readonly sessions: readonly PoolSessions[] | null;
}

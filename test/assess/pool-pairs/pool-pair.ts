import type { Severity } from '../../../src/assess/finding.js';
import type { Snapshot } from '../../../src/assess/snapshot/pool-snapshot.js';

/** Two pools as people have them, and what has to be said about them: written by hand, in full. */
export interface PoolPair {
  readonly name: string;
  readonly snapshot: Snapshot;
  /** Severity, id, and whose: the new pool's, where nothing else is said. */
  readonly findings: readonly (readonly [Severity, string, 'in the legacy pool'?])[];
  readonly shares: readonly (readonly [way: string, users: number])[];
  readonly replication?: string;
  readonly providerDirectly?: string;
  readonly procedure: readonly { readonly step: string; readonly settles: readonly string[] }[];
  /** Sentences that have to be somewhere in what is said, and others that must not be. */
  readonly says?: readonly string[];
  readonly neverSays?: readonly string[];
}

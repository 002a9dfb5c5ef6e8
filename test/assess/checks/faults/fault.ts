import type { CheckOptions } from '../../../../src/assess/define-check.js';
import type { Severity } from '../../../../src/assess/finding.js';
import type { Snapshot } from '../../../../src/assess/snapshot/pool-snapshot.js';

/** A pair of pools with one fault, and the finding it has to give. */
export interface Fault {
  readonly id: string;
  readonly severity: Severity;
  /** What is wrong, where one check has several faults. */
  readonly case?: string;
  readonly snapshot: Snapshot;
  readonly options?: Partial<CheckOptions>;
  /** Other findings that the same fault gives. */
  readonly besides?: readonly string[];
  /** Has to be in what was seen. */
  readonly seen?: string;
  /** Has to be in the fix. */
  readonly fix?: string;
}

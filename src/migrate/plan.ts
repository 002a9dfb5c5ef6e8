import type { PlanOptions, PlanResult } from './types.js';

/**
 * Lists both pools into the state, matches them and decides what would be written. Writes nothing to a pool. A plan that was
 * interrupted continues; a finished one is made anew, which is refused while writes of the old one are unverified.
 * @throws {@link MigrationError}, {@link ConfigurationError}
 */
export async function runPlan(_options: PlanOptions): Promise<PlanResult> {
  throw new Error('not there yet');
}

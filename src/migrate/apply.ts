import type { State } from './state.js';
import type { ApplyOptions, ApplyResult, Estimate, EstimateOptions } from './types.js';

/** What an apply with these options would write, and cost. */
export function estimateApply(
  _state: State,
  _options: EstimateOptions & { readonly maxWrites?: number; readonly overwrite?: boolean } = {},
): Estimate {
  throw new Error('not there yet');
}

/**
 * Writes what the plan says.
 * @throws {@link MigrationError}; `partial` then holds the {@link ApplyResult} so far
 */
export async function runApply(_options: ApplyOptions): Promise<ApplyResult> {
  throw new Error('not there yet');
}

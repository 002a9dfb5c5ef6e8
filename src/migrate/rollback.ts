import type { RollbackOptions, RollbackResult } from './types.js';

/**
 * Removes or restores exactly what this state wrote, where the value is still the one it wrote.
 * @throws {@link MigrationError}; `partial` then holds the {@link RollbackResult} so far
 */
export async function runRollback(_options: RollbackOptions): Promise<RollbackResult> {
  throw new Error('not there yet');
}

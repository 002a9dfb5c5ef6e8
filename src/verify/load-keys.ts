import type { PoolKeys } from './keys.js';
import type { HydrateResult } from './types.js';

/**
 * Loads the keys of every pool that needs them, all at once. A legacy pool that is closed needs none: it may be deleted.
 * @throws {@link AggregateError} when every pool failed
 */
export async function loadKeys(
  pools: readonly PoolKeys[],
  { clock, acceptUntil }: { readonly clock: { now(): number }; readonly acceptUntil: () => number },
  load: (keys: PoolKeys) => Promise<void>,
): Promise<readonly HydrateResult[]> {
  const isOpen = clock.now() <= acceptUntil();
  const errors: Error[] = [];
  let needed = 0;
  const results = pools.map(async (keys): Promise<HydrateResult> => {
    const { side: pool, userPoolId } = keys.pool;
    if (pool === 'legacy' && !isOpen) return { pool, userPoolId, ok: true };
    needed += 1;
    try {
      await load(keys);
      return { pool, userPoolId, ok: true };
    } catch (cause) {
      const error = cause instanceof Error ? cause : new Error('unknown fault', { cause });
      errors.push(error);
      return { pool, userPoolId, ok: false, error };
    }
  });
  const all = await Promise.all(results);
  if (errors.length === needed) throw new AggregateError(errors, 'The keys of no pool could be loaded.');
  return all;
}

import { matchedAttributes, type Policy } from '../matching/policy.js';
import { MigrationError } from '../migration-error.js';
import type { AskedPool } from './pool-settings.js';
import { howToClose, readWriters, writtenBy } from './writers.js';

const ACCEPT = 'Or accept it with --allow-writable-match.';

/**
 * Checks that only administrators can write the attributes that rules compare, in any of the pools: a user who can write one of them
 * in either pool can become any other user. Returns warnings instead if `allowWritableMatch` is set.
 * @throws {@link MigrationError} `ERR_ATTRIBUTE` if others can; `ERR_CREDENTIALS` or `ERR_UNAVAILABLE` if the settings cannot be read
 */
export async function checkMatchAttributes(policy: Policy, pools: readonly AskedPool[]): Promise<readonly string[]> {
  const attributes = matchedAttributes(policy);
  if (attributes.length === 0) return [];
  const found: string[] = [];
  const writable = new Set<string>();
  for (const pool of pools) {
    try {
      const option = `--match ${attributes.map((name) => `attribute:${name}`).join(',')}`;
      const writersOf = await readWriters(pool, { option, attributes, fix: ACCEPT });
      for (const name of attributes) {
        const writers = writersOf(name);
        if (writers.length === 0) continue;
        writable.add(name);
        found.push(writtenBy(name, pool.directory.userPoolId, writers));
      }
    } catch (error) {
      if (!policy.allowWritableMatch || pool.signal?.aborted || !(error instanceof MigrationError)) throw error;
      found.push(`cannot read who can write ${attributes.join(', ')} of pool ${pool.directory.userPoolId}`);
    }
  }
  if (found.length === 0) return [];
  const consequence = 'users who choose the value choose who they are';
  if (policy.allowWritableMatch) return found.map((what) => `Matching by attribute: ${what}; ${consequence}.`);
  const rules = [...writable].map((name) => `attribute:${name}`).join(', ');
  throw new MigrationError('ERR_ATTRIBUTE', `--match ${rules} is refused: ${found.join('; ')}: ${consequence}`, {
    fix: [
      `Match by attributes that only administrators can write. ${howToClose([...writable].join(', '))}`,
      `Values that were written before then also count. ${ACCEPT}`,
    ].join('\n'),
  });
}

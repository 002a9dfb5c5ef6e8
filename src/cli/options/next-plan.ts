import type { StatusResult } from '../../migrate/results.js';
import { DEFAULT_ATTRIBUTE } from '../../users/legacy-id-names.js';
import type { CommonSettings } from './common.js';
import { quoted } from './read-options.js';

/** What {@link nextPlan} cannot know, because a state does not record it. */
export const OTHER_OPTIONS = 'Add the other options of that plan, such as --mapping, --match and --groups.';

/**
 * The `plan` of these pools, for a "Next:" line. A plan must name its pools; those that are given on the command line or in the config
 * file are repeated anyway. A plan with groups is followed by another one.
 */
export function nextPlan(
  made: Pick<StatusResult, 'legacyPools' | 'newPool' | 'attribute'> & {
    readonly plan?: { readonly groups?: unknown } | undefined;
  },
  { legacyPool, newPool, attribute }: Pick<CommonSettings, 'legacyPool' | 'newPool' | 'attribute'>,
  mapping?: string,
): string {
  const words = ['plan'];
  if (mapping !== undefined) words.push('--mapping', quoted(mapping));
  if (legacyPool === undefined) for (const id of made.legacyPools) words.push('--legacy-pool', id);
  if (newPool === undefined) words.push('--new-pool', made.newPool);
  if (attribute === undefined && made.attribute !== DEFAULT_ATTRIBUTE)
    words.push('--attribute', quoted(made.attribute));
  if (made.plan?.groups !== undefined) words.push('--groups');
  return words.join(' ');
}

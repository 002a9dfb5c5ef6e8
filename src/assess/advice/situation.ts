import type { CheckOptions } from '../define-check.js';
import { copiedGroups } from '../facts/providers.js';
import type { Finding } from '../finding.js';
import { type Movers, moversOf } from '../forecast/movers.js';
import type { KnownParts } from '../forecast/ways.js';
import type { UserStatistics } from '../snapshot/pool-snapshot.js';

/** What the advice is based on. */
export interface Situation {
  readonly legacy: readonly (KnownParts & { readonly users: UserStatistics })[];
  readonly new: KnownParts | undefined;
  readonly options: Pick<CheckOptions, 'attribute' | 'tokenUse'>;
  readonly findings: readonly Finding[];
}

export const movers = ({ legacy, new: newPool, options }: Situation): Movers =>
  moversOf(
    legacy.map(({ users }) => users),
    newPool?.users,
    options.attribute,
  );

/** Whether any legacy pool may have groups to copy. If the groups could not be read, it may. */
export const mayHaveGroups = ({ legacy }: Situation): boolean =>
  legacy.some(({ userPoolId, groups }) => groups === undefined || copiedGroups({ userPoolId, groups }).length > 0);

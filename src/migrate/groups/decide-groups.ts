import type { PoolGroup } from '../../directory/group-types.js';
import { isProviderGroup } from '../../users/identities.js';
import { listed } from '../../words.js';
import { MigrationError } from '../migration-error.js';

/** https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html; neither can be raised. */
export const MOST_GROUPS = 10_000;
export const MOST_GROUPS_PER_USER = 100;

/** https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateGroup.html */
const NAME = /^[\p{L}\p{M}\p{S}\p{N}\p{P}]{1,128}$/u;
const LONGEST_DESCRIPTION = 2048;

export interface PoolGroups {
  readonly userPoolId: string;
  readonly groups: readonly PoolGroup[];
}

interface PlannedGroup extends PoolGroup {
  /** Whether the new pool already has it. */
  readonly present: boolean;
}

export interface GroupDecision {
  /** Groups of the legacy pools, each once, as the new pool has them or is to have them. */
  readonly groups: readonly PlannedGroup[];
  /** What a person should know: differences, roles, groups that cannot be created. */
  readonly notes: readonly string[];
}

/**
 * Decides which groups the new pool is to have, and what a person should know about them. Existing groups are never changed. If legacy
 * pools differ about a group, the first pool counts.
 * @throws {@link MigrationError} `ERR_POOL` if the new pool would have more groups than Cognito allows
 */
export function decideGroups(
  legacyPools: readonly PoolGroups[],
  newPool: PoolGroups,
  { copyRoles }: { readonly copyRoles: boolean },
): GroupDecision {
  const merged = new Map<string, PoolGroup>();
  const disagreeing = new Map<string, string>();
  const impossible: string[] = [];
  for (const { userPoolId, groups } of legacyPools) {
    for (const group of groups) {
      const { name } = group;
      if (isProviderGroup(name, userPoolId) || isProviderGroup(name, newPool.userPoolId)) continue;
      if (!isPossible(group)) {
        impossible.push(name);
        continue;
      }
      const first = merged.get(name);
      if (first === undefined) merged.set(name, group);
      else if (!sameGroup(first, group)) disagreeing.set(name, differences(first, group));
    }
  }
  const present = new Map(newPool.groups.map((group) => [group.name, group]));
  const missing = [...merged.values()].filter(({ name }) => !present.has(name));
  checkNumber(newPool, missing.length);
  const differing = [...merged.values()].flatMap((group) => {
    const there = present.get(group.name);
    return there === undefined || sameGroup(group, there) ? [] : [`${group.name} (${differences(group, there)})`];
  });
  const withRole = missing.flatMap(({ name, roleArn }) => (roleArn === undefined ? [] : [`${name} (${roleArn})`]));
  return {
    groups: [...merged.values()].map((group) => ({
      ...group,
      roleArn: copyRoles ? group.roleArn : undefined,
      present: present.has(group.name),
    })),
    notes: [
      ...note(impossible, 'cannot be created in the new pool and are left out', ''),
      ...note(
        [...disagreeing].map(([name, what]) => `${name} (${what})`),
        'differ between the legacy pools',
        ' The settings in the first pool are used.',
      ),
      ...note(differing, 'differ in the new pool', ' They are not changed.'),
      ...(copyRoles
        ? note(
            withRole,
            'get the role that they have in the legacy pool',
            ' Make sure that it grants only what their members may do.',
          )
        : note(withRole, 'have a role in the legacy pool', ' It is copied only with --copy-roles.')),
    ],
  };
}

export function sameGroup(one: PoolGroup, other: PoolGroup): boolean {
  return differences(one, other) === '';
}

function differences(one: PoolGroup, other: PoolGroup): string {
  const kinds = [];
  if (one.description !== other.description) kinds.push('description');
  if (one.precedence !== other.precedence) kinds.push('precedence');
  if (one.roleArn !== other.roleArn) kinds.push('role');
  return kinds.join(', ');
}

function isPossible({ name, description = '' }: PoolGroup): boolean {
  return NAME.test(name) && description.length <= LONGEST_DESCRIPTION;
}

function checkNumber({ userPoolId, groups }: PoolGroups, missing: number): void {
  const number = groups.length + missing;
  if (missing === 0 || number <= MOST_GROUPS) return;
  throw new MigrationError(
    'ERR_POOL',
    `pool ${userPoolId} would have ${number} groups, and Cognito allows ${MOST_GROUPS}`,
    { fix: 'Delete groups that are no longer needed, in either pool, or plan without --groups.' },
  );
}

function note(names: readonly string[], what: string, rest: string): string[] {
  if (names.length === 0) return [];
  return [`Groups that ${what}: ${listed(names)}.${rest}`];
}

import type { PoolDescription, UserDirectory } from '../../directory/user-types.js';
import type { PoolSide } from '../../errors.js';
import { matchesContacts, type Policy } from '../matching/policy.js';
import type { Run } from '../run.js';
import type { MetaValues } from '../state/meta.js';
import type { ReachedPool } from './reach.js';

/** How users sign up to a pool, which determines how far its usernames and verified addresses can be trusted. */
type SignUp = MetaValues['poolSettings'][string];

interface Pool {
  /** Its number in the state. */
  readonly id: number;
  readonly side: PoolSide;
  readonly directory: UserDirectory;
}

export interface DescribedPool extends Pool {
  readonly estimatedUsers: number | undefined;
  /** `undefined` if it is not known. */
  readonly signUp: SignUp | undefined;
  /** Its settings could be read now, and say that people cannot sign themselves up. */
  readonly closedNow: boolean;
}

/**
 * What the settings of each pool mean for matching, with warnings of settings that need attention. If the settings could not be read,
 * those that an earlier plan read are used, so that a removed permission does not change any outcome.
 */
export function describePools(
  pools: readonly Pool[],
  reached: readonly ReachedPool[],
  policy: Policy,
  run: Run,
): readonly DescribedPool[] {
  const said: Record<string, SignUp> = { ...run.meta.get('poolSettings') };
  const described = pools.map((pool): DescribedPool => {
    const { userPoolId } = pool.directory;
    const { description, readAt = 0 } = reached.find((one) => one.userPoolId === userPoolId) ?? {};
    const earlier = said[userPoolId];
    if (description === undefined) run.warn(withheld(userPoolId, earlier, policy));
    else said[userPoolId] = signUpOf(description, readAt);
    const signUp = said[userPoolId];
    if (wasOpened(earlier, signUp) && asksForUsernames(policy)) run.warn(opened(userPoolId));
    if (signUp?.preSignUpTrigger === true && matchesContacts(policy)) run.warn(triggerWarning(userPoolId));
    const closedNow = description?.adminCreateUserOnly === true;
    return { ...pool, estimatedUsers: description?.estimatedUsers, signUp, closedNow };
  });
  run.meta.set('poolSettings', said);
  return described;
}

function signUpOf(
  { adminCreateUserOnly, preSignUpTrigger = false, featurePlan }: PoolDescription,
  readAt: number,
): SignUp {
  return { readAt, adminCreateUserOnly, preSignUpTrigger, ...(featurePlan === undefined ? {} : { featurePlan }) };
}

function withheld(userPoolId: string, earlier: SignUp | undefined, policy: Policy): string {
  const unread = `The settings of pool ${userPoolId} cannot be read (cognito-idp:DescribeUserPool)`;
  if (earlier !== undefined)
    return `${unread}: the settings that plan read at ${new Date(earlier.readAt).toISOString()} are used.`;
  const lacking = ['its size is not known'];
  if (asksForUsernames(policy)) lacking.push('usernames are not trusted');
  if (matchesContacts(policy)) {
    lacking.push(
      'and you must check yourself whether it has a PreSignUp trigger that verifies addresses without proof',
    );
  }
  return `${unread}: ${lacking.join(', ')}.`;
}

function wasOpened(earlier: SignUp | undefined, now: SignUp | undefined): boolean {
  return earlier?.adminCreateUserOnly === true && now?.adminCreateUserOnly === false;
}

function opened(userPoolId: string): string {
  return `Since the last plan, people can sign themselves up in pool ${userPoolId}: usernames that nothing verified confirms are no longer trusted.`;
}

function triggerWarning(userPoolId: string): string {
  return [
    `The PreSignUp trigger of pool ${userPoolId} can mark e-mail addresses and phone numbers as verified without proof.`,
    'Check that it never sets autoVerifyEmail or autoVerifyPhone for such users. If it does, or did, do not match by e-mail or phone: --match mapping,identity.',
  ].join(' ');
}

const asksForUsernames = ({ rules, trustUsernames }: Policy): boolean =>
  rules.includes('username') && trustUsernames === undefined;

/**
 * Whether usernames are trusted without verified evidence; as a map, the legacy pools where they are not, with the reason. Both pools
 * must be closed for sign-up: in an open legacy pool, a stranger may have taken the username that a user has in the new pool.
 */
export function usernameTrust(
  { trustUsernames }: Policy,
  pools: readonly Pick<DescribedPool, 'id' | 'side' | 'directory' | 'signUp'>[],
): boolean | ReadonlyMap<number, string> {
  if (trustUsernames !== undefined) return trustUsernames;
  const newPools = pools.filter(({ side }) => side === 'new');
  const doubts = new Map<number, string>();
  for (const pool of pools) {
    const doubt = pool.side === 'legacy' ? doubtOf([pool, ...newPools]) : '';
    if (doubt !== '') doubts.set(pool.id, doubt);
  }
  return doubts;
}

/** Why the same username in two pools proves nothing; empty if both pools are closed for sign-up. */
function doubtOf(pools: readonly Pick<DescribedPool, 'directory' | 'signUp'>[]): string {
  const idsWhere = (matches: (signUp: SignUp | undefined) => boolean) =>
    pools.filter(({ signUp }) => matches(signUp)).map(({ directory }) => directory.userPoolId);
  const open = idsWhere((signUp) => signUp?.adminCreateUserOnly === false);
  const unknown = idsWhere((signUp) => signUp === undefined);
  return [
    ...(open.length === 0 ? [] : [`people can sign themselves up in pool ${open.join(' and pool ')}`]),
    ...(unknown.length === 0
      ? []
      : [`it is not known whether people can sign themselves up in pool ${unknown.join(' and pool ')}`]),
  ].join(', and ');
}

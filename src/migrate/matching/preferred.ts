import { type Finding, found, settles, type Trust } from './evidence.js';

/**
 * For users with accounts in several legacy pools, the findings in the preferred pool; for others, all findings. The findings in the
 * first preferred pool that has any are used if they settle who the user is; several users there stay undecided. A username never
 * takes precedence over a proof in another pool: the same username at two companies may mean two people.
 *
 * @param certain findings with a sub, of every rule
 */
export function choose(
  certain: readonly Finding[],
  trust: Trust,
): { readonly certain: readonly Finding[]; readonly passedOver: string } {
  const undecided = { certain, passedOver: '' };
  if (countSubs(certain) < 2) return undecided;
  const pool = trust.prefer?.find(({ id }) => certain.some((one) => one.pool === id));
  if (pool === undefined) return undecided;
  const own = certain.filter((one) => one.pool === pool.id);
  const others = certain.filter((one) => own.every(({ sub }) => sub !== one.sub));
  const proven = (findings: readonly Finding[]) => findings.some(({ strength }) => strength === 'proof');
  const isSettled = proven(own) || (!proven(others) && own.some((one) => settles(one, trust)));
  if (!isSettled) return undecided;
  const rest = [...new Set(others.map(found))].sort().join(', ');
  return { certain: own, passedOver: `${rest}, but not in the preferred legacy pool ${pool.userPoolId}` };
}

function countSubs(findings: readonly Finding[]): number {
  return new Set(findings.map(({ sub }) => sub)).size;
}

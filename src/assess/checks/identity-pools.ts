import { counted, listed } from '../../words.js';
import { checkPool } from '../define-check.js';
import { guide } from '../finding.js';
import { identityPoolSearch } from '../fix/identity-pool-search.js';

export const identityPools = checkPool({
  id: 'identity-pools',
  side: 'legacy',
  needs: [],
  uses: ['groups'],
  find: (pool) => {
    const withRole = pool.groups?.filter(({ hasRole }) => hasRole).map(({ name }) => name) ?? [];
    return {
      // No call to a user pool can rule identity pools out. Roles of groups are a sign of one, and nothing is a sign of none.
      severity: withRole.length > 0 ? 'warning' : 'info',
      title:
        withRole.length > 0
          ? 'Identity pools probably trust the legacy pool'
          : 'Identity pools may trust the legacy pool: assess cannot tell',
      seen: `${signs(pool.groups === undefined, withRole)} Only the identity pools themselves say which user pools they trust, and assess does not read them.`,
      why: 'To an identity pool, a login of the new pool is somebody new: the user gets another identity id. What belongs to the old id (S3 prefixes, DynamoDB keys and IoT policies by cognito-identity.amazonaws.com:sub) is then out of reach, and the user finds everything empty. The old id can be kept only while people still have sessions of the legacy pool: linked then, or recorded to be linked later.',
      fix: identityPoolSearch(pool),
      docs: guide('amazon-cognito-integrating-user-pools-with-identity-pools'),
    };
  },
});

function signs(isUnread: boolean, withRole: readonly string[]): string {
  if (isUnread) return 'The groups of the pool could not be read.';
  if (withRole.length === 0) return 'No group of the pool has an IAM role, which would be a sign of an identity pool.';
  const have = withRole.length === 1 ? 'has' : 'have';
  return `${counted(withRole.length, 'group')} ${have} an IAM role, which is what identity pools give to members: ${listed(withRole)}.`;
}

import { counted } from '../../words.js';
import { checkPair } from '../define-check.js';
import { guide } from '../finding.js';
import { awsCall } from '../fix/calls.js';

export const domainMissing = checkPair({
  id: 'domain-missing',
  needs: { legacy: ['settings', 'clients'], new: ['settings'] },
  find: (legacy, newPool) => {
    const hasDomain = ({ domainPrefix, customDomain }: typeof legacy.settings) =>
      domainPrefix !== null || customDomain !== null;
    const users = legacy.clients.filter(({ oauthFlows }) => oauthFlows.length > 0);
    if (!hasDomain(legacy.settings) || hasDomain(newPool.settings) || users.length === 0) return undefined;
    return {
      severity: 'blocker',
      title: 'The new pool has no domain',
      seen: `The legacy pool has a domain, and ${counted(users.length, 'app client')} there ${users.length === 1 ? 'uses' : 'use'} OAuth.`,
      why: 'Sign-in pages, federation and the token endpoint need a domain.',
      fix: awsCall(newPool, 'create-user-pool-domain', { domain: 'A_PREFIX_NOBODY_HAS', 'managed-login-version': 2 }),
      docs: guide('cognito-user-pools-assign-domain'),
    };
  },
});

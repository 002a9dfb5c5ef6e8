import { checkPool } from '../define-check.js';
import { guide } from '../finding.js';
import { poolUpdate } from '../fix/updates.js';

export const dynamicClientRegistration = checkPool({
  id: 'dynamic-client-registration',
  side: 'new',
  needs: ['settings'],
  find: (pool, { options: { attribute } }) => {
    const { enabled, open, scopes } = pool.settings.dynamicClientRegistration;
    if (!enabled) return undefined;
    const selfService = scopes.includes('aws.cognito.signin.user.admin');
    return {
      severity: 'blocker',
      title: 'App clients that nobody reviewed can be registered',
      seen: `Dynamic client registration is on, ${open ? 'open to everybody' : 'for holders of a registration token'}${selfService ? ', and such clients may ask for aws.cognito.signin.user.admin' : ''}.`,
      why: `A client registered this way has no write list of yours, so it may count as allowed to write ${attribute}: users then become any legacy user. It also is missing from every list of clients checked today.`,
      fix: poolUpdate(pool, '.DcrConfiguration.EnableStatus = "Disabled"'),
      docs: guide('cognito-user-pools-dynamic-client-registration'),
    };
  },
});

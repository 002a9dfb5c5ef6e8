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
      title: 'App clients can be registered without review',
      seen: `Dynamic client registration is on, ${open ? 'open to everyone' : 'for holders of a registration token'}${selfService ? ', and such clients can request aws.cognito.signin.user.admin' : ''}.`,
      why: `A client registered this way does not have your write list, so it may be able to write ${attribute}: its users can then become any legacy user. This assessment does not cover clients that are registered later.`,
      fix: poolUpdate(pool, '.DcrConfiguration.EnableStatus = "Disabled"'),
      docs: guide('cognito-user-pools-dynamic-client-registration'),
    };
  },
});

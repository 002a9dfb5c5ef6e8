import { checkPool } from '../define-check.js';
import { guide } from '../finding.js';
import { mayHaveNativeUsers } from '../forecast/movers.js';

export const passkeysNotMoved = checkPool({
  id: 'passkeys-not-moved',
  side: 'legacy',
  needs: ['settings', 'mfa'],
  uses: ['users'],
  find: ({ settings, mfa, users }) => {
    if (!mayHaveNativeUsers(users)) return undefined;
    if (!settings.firstAuthFactors.includes('WEB_AUTHN')) return undefined;
    return {
      severity: 'warning',
      title: 'Passkeys do not move',
      seen: `Users may sign in with a passkey${mfa.passkeyRelyingParty === null ? '' : ` for ${mfa.passkeyRelyingParty}`}.`,
      why: 'A passkey belongs to the pool it was registered in, and the migration trigger does not run for passkeys. Users who have no password cannot sign in to the new pool by themselves.',
      fix: 'Let users sign in to the legacy pool once more with a password or a code, migrate them then, and offer them a new passkey. Keep the same relying party (set-user-pool-mfa-config --web-authn-configuration). Apps whose users are still signed in to the legacy pool can exchange that session for one of the new pool, without a sign-in: docs/session-handover.md.',
      docs: guide('amazon-cognito-user-pools-authentication-flow-methods'),
    };
  },
});

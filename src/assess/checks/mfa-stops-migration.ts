import { counted } from '../../words.js';
import { checkPair } from '../define-check.js';
import { domainsOf, issuerOf } from '../facts/addresses.js';
import { providerOfLegacyPool } from '../facts/providers.js';
import { guide } from '../finding.js';
import { awsCall, awsJsonCall } from '../fix/calls.js';
import { leftOf } from '../forecast/movers.js';
import { enrolsAgain } from '../forecast/ways.js';

export const mfaStopsMigration = checkPair({
  id: 'mfa-stops-migration',
  needs: { legacy: ['settings', 'users'], new: ['settings'] },
  uses: { new: ['users', 'providers'] },
  find: (legacy, newPool, context) => {
    const { mfa } = legacy.settings;
    const { native } = leftOf(legacy.users, newPool.users, context);
    if (mfa === 'OFF' || native === 0) return undefined;
    if (providerOfLegacyPool(newPool.providers ?? [], legacy.userPoolId) !== undefined) return undefined;
    const enrols = enrolsAgain(newPool);
    const [domain = 'DOMAIN_OF_THE_NEW_POOL'] = domainsOf(newPool);
    return {
      severity: mfa === 'ON' && !enrols ? 'blocker' : 'warning',
      title:
        mfa === 'ON'
          ? 'No user can move by signing in with a password: all of them have a second factor'
          : 'Users with a second factor cannot move by signing in with a password',
      seen: `MFA is ${mfa} in the legacy pool. ${counted(native, 'user')} with a password ${native === 1 ? 'is' : 'are'} not in the new pool yet.${
        enrols
          ? ' The new pool has a migration trigger and requires MFA, as challenges: "reset-and-enrol" needs. The assessment cannot see whether the function sets this option.'
          : ''
      }`,
      why: 'The legacy pool answers a correct password with a challenge. A password alone does not prove who signs in, so the migration trigger refuses these users, and the new pool tells them that the password is wrong.',
      fix: `# Let the new pool sign them in through the legacy pool, which asks for the second factor as it does today:
${awsCall(legacy, 'create-user-pool-client', {
  'client-name': 'new-pool',
  'generate-secret': true,
  'allowed-o-auth-flows-user-pool-client': true,
  'allowed-o-auth-flows': ['code'],
  'allowed-o-auth-scopes': ['openid', 'email', 'profile'],
  'callback-urls': [`https://${domain}/oauth2/idpresponse`],
  'supported-identity-providers': ['COGNITO'],
})}
${awsJsonCall(newPool, 'create-identity-provider', {
  ProviderName: 'LegacyPool',
  ProviderType: 'OIDC',
  ProviderDetails: {
    client_id: 'ID_OF_THAT_CLIENT',
    client_secret: 'SECRET_OF_THAT_CLIENT',
    oidc_issuer: issuerOf(legacy),
    authorize_scopes: 'openid email profile',
    attributes_request_method: 'GET',
  },
  AttributeMapping: { email: 'email', email_verified: 'email_verified' },
})}
# Add LegacyPool to the app clients of the new pool, and legacyPoolProvider: 'LegacyPool' to the post confirmation trigger. The user id at this provider is the legacy sub. Run plan with --legacy-provider LegacyPool.${
        domainsOf(legacy).length === 0 ? '\n# The legacy pool needs a domain for this (create-user-pool-domain).' : ''
      }
# Or set challenges: 'reset-and-enrol' in the migration trigger and require MFA in the new pool: users then reset their password with a code sent to a verified address, and set up a second factor again.`,
      docs: guide('cognito-user-pools-oidc-idp'),
    };
  },
});

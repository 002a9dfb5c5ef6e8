import { counted, listed } from '../../words.js';
import { checkPair } from '../define-check.js';
import { domainsOf } from '../facts/addresses.js';
import { guide } from '../finding.js';

export const providerRegistration = checkPair({
  id: 'provider-registration',
  needs: { legacy: ['users', 'providers'], new: ['settings'] },
  uses: { new: ['users'] },
  find: (legacy, newPool, { options: { providerMap } }) => {
    const waiting = legacy.providers.flatMap(({ name, type }) => {
      const users = legacy.users.byProvider[name] ?? 0;
      const newName = providerMap[name] ?? name;
      // A user who came through the provider proves that it knows the new pool.
      return users === 0 || (newPool.users?.byProvider[newName] ?? 0) > 0 ? [] : [{ name, newName, type, users }];
    });
    if (waiting.length === 0) return undefined;
    const domains = domainsOf(newPool);
    const hosts = domains.length === 0 ? ['DOMAIN_OF_THE_NEW_POOL'] : domains;
    const saml = waiting.some(({ type }) => type === 'SAML');
    return {
      severity: 'warning',
      title: 'The identity providers may not know the new pool yet',
      seen: `${
        newPool.users === undefined
          ? 'The users of the new pool could not be listed, so it is not known whether anyone has signed in through'
          : 'No user of the new pool has signed in through'
      }: ${listed(waiting.map(({ name, users }) => `${name} (${counted(users, 'legacy user')})`))}.`,
      why: `A provider sends users only to addresses that are registered there.${
        saml ? ' For SAML, the entity id of the new pool is different too, as it contains the pool id.' : ''
      } Until the new addresses are registered, every sign-in through the provider ends with an error page.`,
      fix: waiting
        .map(({ name, newName, type }) => {
          const label = name === newName ? name : `${newName} (${name} in the legacy pool)`;
          return type === 'SAML'
            ? [
                `# ${label}: add these to the application at the identity provider, and keep those of the legacy pool`,
                `#   entity id (audience):  urn:amazon:cognito:sp:${newPool.userPoolId}`,
                ...hosts.map((host) => `#   ACS (reply) URL:       https://${host}/saml2/idpresponse`),
              ].join('\n')
            : [
                `# ${label}: add these redirect URIs to the client at the identity provider`,
                ...hosts.map((host) => `#   https://${host}/oauth2/idpresponse`),
              ].join('\n');
        })
        .join('\n'),
      docs: guide('cognito-user-pools-identity-provider'),
    };
  },
});

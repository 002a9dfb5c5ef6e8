import { checkPair } from '../define-check.js';
import { domainsOf } from '../facts/addresses.js';
import { guide } from '../finding.js';
import { counted, listed } from '../words.js';

export const providerRegistration = checkPair({
  id: 'provider-registration',
  needs: { legacy: ['users', 'providers'], new: ['settings'] },
  uses: { new: ['users'] },
  find: (legacy, newPool, { options: { providerMap } }) => {
    const waiting = legacy.providers.flatMap(({ name, type }) => {
      const users = legacy.users.byProvider[name] ?? 0;
      const newName = providerMap[name] ?? name;
      // Who came through the provider proves that it knows the new pool.
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
          ? 'Whether anybody came through them is not known, as the users of the new pool could not be listed'
          : 'Nobody in the new pool has come through them'
      }: ${listed(waiting.map(({ name, users }) => `${name} (${counted(users, 'legacy user')})`))}.`,
      why: `A provider answers only to addresses that it was told of.${
        saml ? ' For SAML, the entity id of the new pool is another one too: it is made from the id of the pool.' : ''
      } Until the other side has added them, every sign-in through it ends with an error page.`,
      fix: waiting
        .map(({ name, newName, type }) => {
          const label = name === newName ? name : `${newName} (${name} in the legacy pool)`;
          return type === 'SAML'
            ? [
                `# ${label}: add to the application at the identity provider, beside those of the legacy pool`,
                `#   entity id (audience):  urn:amazon:cognito:sp:${newPool.userPoolId}`,
                ...hosts.map((host) => `#   ACS (reply) address:   https://${host}/saml2/idpresponse`),
              ].join('\n')
            : [
                `# ${label}: add to the redirect addresses of the client at the identity provider`,
                ...hosts.map((host) => `#   https://${host}/oauth2/idpresponse`),
              ].join('\n');
        })
        .join('\n'),
      docs: guide('cognito-user-pools-identity-provider'),
    };
  },
});

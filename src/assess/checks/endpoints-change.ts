import { checkPair } from '../define-check.js';
import { domainsOf, issuerOf } from '../facts/addresses.js';
import { guide } from '../finding.js';

export const endpointsChange = checkPair({
  id: 'endpoints-change',
  needs: { legacy: ['settings'], new: ['settings'] },
  find: (legacy, newPool) => ({
    severity: 'info',
    title: 'Every address of the pool changes',
    seen: `From ${addresses(legacy)} to ${addresses(newPool)}.`,
    why: 'Whatever names the pool, its issuer, its keys or its sign-in pages has to learn the new one: applications, gateways (an HTTP API authorizer, an ALB rule and AppSync take one issuer each), identity pools, identity providers that call back.',
    fix: `APIs: mount the middleware or the Lambda authorizer, which take both pools. Whatever calls the sign-in pages or the token endpoint: ${
      domainsOf(newPool)
        .map((host) => `https://${host}`)
        .join(', ') || 'once the new pool has a domain, its address'
    }.`,
    docs: guide('federation-endpoints'),
  }),
});

const addresses = (pool: Parameters<typeof issuerOf>[0]): string =>
  `${issuerOf(pool)} (${domainsOf(pool).join(', ') || 'no domain'})`;

import { checkPair } from '../define-check.js';
import { domainsOf, issuerOf } from '../facts/addresses.js';
import { guide } from '../finding.js';

export const endpointsChange = checkPair({
  id: 'endpoints-change',
  needs: { legacy: ['settings'], new: ['settings'] },
  find: (legacy, newPool) => ({
    severity: 'info',
    title: 'Every URL of the pool changes',
    seen: `From ${addresses(legacy)} to ${addresses(newPool)}.`,
    why: 'Everything that refers to the pool, its issuer, its keys or its sign-in pages needs the new URLs: applications, gateways (an HTTP API authorizer, an ALB rule and AppSync accept one issuer each), identity pools, and the callback URLs at identity providers.',
    fix: `In APIs, mount the middleware or the Lambda authorizer, which accept tokens of both pools. In applications that use the sign-in pages or the token endpoint, set ${
      domainsOf(newPool)
        .map((host) => `https://${host}`)
        .join(', ') || 'the domain of the new pool, once it has one'
    }.`,
    docs: guide('federation-endpoints'),
  }),
});

const addresses = (pool: Parameters<typeof issuerOf>[0]): string =>
  `${issuerOf(pool)} (${domainsOf(pool).join(', ') || 'no domain'})`;

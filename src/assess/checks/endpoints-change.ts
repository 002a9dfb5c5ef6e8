import { checkPair } from '../check.js';
import { guide } from '../docs.js';
import type { PoolSettings } from '../snapshot.js';

export const endpointsChange = checkPair({
  id: 'endpoints-change',
  needs: { legacy: ['settings'], new: ['settings'] },
  find: (legacy, newPool) => ({
    severity: 'info',
    title: 'Every address of the pool changes',
    seen: `From ${addresses(legacy)} to ${addresses(newPool)}.`,
    why: 'Whatever names the pool, its issuer, its keys or its sign-in pages has to learn the new one: applications, gateways (an HTTP API authorizer, an ALB rule and AppSync take one issuer each), identity pools, identity providers that call back.',
    fix: 'APIs: mount the middleware or the Lambda authorizer, which take both pools. Identity providers: add https://DOMAIN/oauth2/idpresponse (SAML: /saml2/idpresponse) of the new pool before switching.',
    docs: guide('federation-endpoints'),
  }),
});

function addresses({ userPoolId, region, settings }: { userPoolId: string; region: string; settings: PoolSettings }) {
  const host = settings.issuerForm === 'UPDATED' ? 'issuer-cognito-idp' : 'cognito-idp';
  const pages =
    settings.customDomain ??
    (settings.domainPrefix === null ? 'no domain' : `${settings.domainPrefix}.auth.${region}.amazoncognito.com`);
  return `https://${host}.${region}.amazonaws.com/${userPoolId} (${pages})`;
}

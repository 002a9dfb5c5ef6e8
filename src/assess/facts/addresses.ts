import type { PoolSettings } from '../snapshot/pool-snapshot.js';

interface Addressed {
  readonly userPoolId: string;
  readonly region: string;
  readonly settings: PoolSettings;
}

/** Hosts of the sign-in pages. Each host that users sign in at must be registered at the identity providers. */
export function domainsOf({ region, settings: { domainPrefix, customDomain } }: Addressed): string[] {
  const label = region.startsWith('us-gov-') ? 'auth-fips' : 'auth';
  return [
    ...(customDomain === null ? [] : [customDomain]),
    ...(domainPrefix === null ? [] : [`${domainPrefix}.${label}.${region}.amazoncognito.com`]),
  ];
}

/** The `iss` claim of the pool's tokens. */
export const issuerOf = ({ userPoolId, region, settings: { issuerForm } }: Addressed): string =>
  `https://${issuerForm === 'UPDATED' ? 'issuer-cognito-idp' : 'cognito-idp'}.${region}.amazonaws.com/${userPoolId}`;

/** The ARN of the pool, with `ACCOUNT` as a placeholder if the account is not known. */
export function arnOf({ userPoolId, region, settings: { account } }: Addressed): string {
  const partition = region.startsWith('us-gov-') ? 'aws-us-gov' : region.startsWith('cn-') ? 'aws-cn' : 'aws';
  return `arn:${partition}:cognito-idp:${region}:${account ?? 'ACCOUNT'}:userpool/${userPoolId}`;
}

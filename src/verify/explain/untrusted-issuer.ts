import type { Pool } from '../pool-options.js';

/** Both forms of Cognito's issuers, in every partition. */
const OF_COGNITO = /^https:\/\/(?:issuer-)?cognito-idp\.([a-z\d-]+)\.amazonaws\.(?:com|com\.cn|eu)\/([\w-]+)\/?$/;

/** The pool that an issuer names, where it is one of Cognito's. */
export function poolOfIssuer(iss: string): { readonly region: string; readonly userPoolId: string } | undefined {
  const [, region, userPoolId] = OF_COGNITO.exec(iss) ?? [];
  return region === undefined || userPoolId === undefined ? undefined : { region, userPoolId };
}

/** Why no pool is the issuer of a token: what is configured, and which option to look at. */
export function untrustedIssuer(iss: unknown, pools: readonly Pool[]): string {
  if (typeof iss !== 'string') return 'The token names no issuer (iss), so it is not from Amazon Cognito.';
  const pool = pools.find(({ userPoolId }) => iss.replace(/\/$/, '').endsWith(`/${userPoolId}`));
  if (pool !== undefined) {
    const { option, userPoolId } = pool;
    return `The token names the user pool ${userPoolId}, but an issuer that is not one of ${option}.issuers: it has another Region, host or ending. If you trust it, add it to ${option}.issuers.`;
  }
  const names = pools.map(({ option, userPoolId }) => `${option} (${userPoolId})`);
  const message = `The token was ${names.length === 1 ? 'not issued by' : 'issued by neither'} ${names.join(' nor ')}`;
  return poolOfIssuer(iss) === undefined
    ? `${message}: it is not from Amazon Cognito.`
    : `${message}, but by another user pool: is the token of another environment or Region?`;
}

import { formatDuration } from '../../duration.js';
import type { Pool } from '../pool-options.js';
import type { TokenUse } from '../types.js';

/** `seconds`: how long ago it expired, by this server's clock. */
export const expired = (seconds: number): string =>
  `The token expired ${formatDuration(seconds)} ago: the client must refresh it in time. If it is new, check this server's clock.`;

/** `seconds`: how far in the future it begins, by this server's clock. */
export const notYetValid = (what: 'issued' | 'valid only', seconds: number): string =>
  `The token is ${what} ${seconds} s in the future: check this server's clock.`;

const USES = { access: 'access tokens', id: 'ID tokens', any: 'access tokens and ID tokens' } as const;

/** `given`: what the token is, where it is one of the two kinds that Cognito issues to APIs. */
export function wrongTokenUse(given: 'access' | 'id' | undefined, allowed: TokenUse, option: string): string {
  const only = `Only ${USES[allowed]} are accepted (${option}).`;
  if (given === 'id') {
    return `The token is an ID token. ${only} Send the access token, which is meant for APIs, or set ${option} to 'id' or 'any'.`;
  }
  if (given === 'access') {
    return `The token is an access token. ${only} Set ${option} to 'access', which is right for most APIs, or send the ID token.`;
  }
  return `The token is neither an access token nor an ID token. ${only}`;
}

/** `pools`: all of the verifier's, one of which may have the client. */
export function unknownClient(clientId: string, pool: Pool, pools: readonly Pool[]): string {
  const owner = pools.find(({ clientIds }) => clientIds?.has(clientId));
  if (owner !== undefined) {
    return `${owner.option}.clientIds lists this app client, but the token is from ${pool.option}: are the clients of the two pools swapped?`;
  }
  return `The token was issued to an app client that is not in ${pool.option}.clientIds. If it is a client of your application, add its id there.`;
}

export const ACCESS_TOKENS =
  'Cognito puts custom attributes into ID tokens only: access tokens need a trigger or a resolver, see docs/access-tokens.md.';

/** `claim`: where a token of this use carries the legacy id. */
export function missingLegacyId(tokenUse: 'access' | 'id', claim: string, hasResolver: boolean): string {
  const resolver = hasResolver ? 'legacyId.resolve does not know the user' : 'there is no legacyId.resolve';
  const message = `The user is not mapped yet: the ${tokenUse === 'id' ? 'ID' : 'access'} token has no claim ${claim}, and ${resolver}.`;
  return tokenUse === 'id'
    ? `${message} Either the attribute is empty (run cognito-cutover plan and apply), or the app client may not read it (ReadAttributes).`
    : `${message} ${ACCESS_TOKENS}`;
}

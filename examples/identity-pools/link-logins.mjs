// Links a user's login of the new user pool to the identity that the user already has in an identity pool, so that both logins
// lead to the same identity id. It needs an ID token of each pool at the same time, and no AWS credentials: GetId is a public call.
// It uses fetch only, and runs in browsers, React Native and Node.js. Handle the tokens like passwords: never log them.

/** Why a login was not linked. */
export class NotLinked extends Error {
  /**
   * @param {'other-person' | 'has-another-identity' | 'refused' | 'unavailable' | 'not-kept'} reason
   * @param {string} message
   */
  constructor(reason, message) {
    super(message);
    this.name = 'NotLinked';
    this.reason = reason;
  }
}

/**
 * Can be repeated: if the logins are linked, it only says which identity they have.
 *
 * @param {{
 *   identityPoolId: string,
 *   legacy: { userPoolId: string, idToken: string },
 *   new: { userPoolId: string, idToken: string },
 *   claim?: string,
 *   fetch?: typeof globalThis.fetch,
 * }} options `claim`: the claim of the new pool's ID tokens that holds the legacy id
 * @returns {Promise<string>} the identity id, which is the one that the user had before
 * @throws {NotLinked}
 */
export async function linkLogins(options) {
  const { identityPoolId, legacy, new: fresh, claim = 'custom:legacy_sub', fetch = globalThis.fetch } = options;
  const before = claimsOf(legacy);
  const after = claimsOf(fresh);
  // Two people can have signed in on one device, one after the other. Whoever is linked to an identity keeps it.
  if (typeof before.sub !== 'string' || before.sub !== after[claim]) {
    throw new NotLinked('other-person', `The ID token of the new pool does not name this legacy user in ${claim}.`);
  }
  const getId = (...logins) => callGetId(identityPoolId, Object.fromEntries(logins.map(loginOf)), fetch);

  const identityId = await getId(legacy);
  const linked = await getId(legacy, fresh);
  if (linked !== identityId) {
    throw new NotLinked('not-kept', 'Both logins together lead to another identity than the login of the legacy pool.');
  }
  if ((await getId(fresh)) !== identityId) {
    throw new NotLinked('not-kept', 'The login of the new pool alone still leads to another identity.');
  }
  return identityId;
}

/** The name of a user pool as a provider of identity pools, with the token. */
function loginOf({ userPoolId, idToken }) {
  const [region] = userPoolId.split('_');
  return [`cognito-idp.${region}.amazonaws.com/${userPoolId}`, idToken];
}

async function callGetId(identityPoolId, logins, fetch) {
  const [region] = identityPoolId.split(':');
  let response;
  let answer;
  try {
    response = await fetch(`https://cognito-identity.${region}.amazonaws.com/`, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/x-amz-json-1.1',
        'X-Amz-Target': 'AWSCognitoIdentityService.GetId',
      },
      body: JSON.stringify({ IdentityPoolId: identityPoolId, Logins: logins }),
    });
    answer = await response.json();
  } catch {
    throw new NotLinked('unavailable', 'The identity pool could not be reached. Try again.');
  }
  if (response.ok && typeof answer?.IdentityId === 'string') return answer.IdentityId;
  const code = `${answer?.__type}`.split('#').at(-1);
  if (code === 'ResourceConflictException') {
    throw new NotLinked('has-another-identity', 'The login of the new pool already has an identity of its own.');
  }
  if (response.status >= 500 || code === 'TooManyRequestsException') {
    throw new NotLinked('unavailable', 'The identity pool is unavailable or throttles. Try again.');
  }
  throw new NotLinked(
    'refused',
    'The identity pool refuses a token: it has expired, or its pool or app client is not configured.',
  );
}

/** The claims as they are. The identity pool verifies the tokens. */
function claimsOf({ idToken }) {
  try {
    const [, payload] = idToken.split('.');
    return Object(JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/'))));
  } catch {
    throw new NotLinked('refused', 'This is not an ID token.');
  }
}

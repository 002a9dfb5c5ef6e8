/**
 * Where people sign in: an app client of a pool, and the address of Cognito's API in its Region.
 *
 * @typedef {{ label: string, note: string, clientId: string, endpoint: string, token: 'IdToken' | 'AccessToken' }} Place
 */

/**
 * Signs in with a password and answers the token, or the reason why there is none. The one call of Cognito's API here needs no
 * AWS credentials; the app client has to allow `ALLOW_USER_PASSWORD_AUTH` and must not have a secret.
 *
 * For users of your own prefer managed login (authorization code with PKCE): then no password passes through this server, and
 * MFA, passkeys and identity providers work. Only this file changes.
 *
 * @param {Place} place
 * @param {string} username
 * @param {string} password
 * @returns {Promise<{ token: string, accessToken: string } | { refused: 'wrong' | 'challenge' | 'busy' | 'unavailable' }>}
 */
export async function signIn({ endpoint, clientId, token }, username, password) {
  const request = {
    ClientId: clientId,
    AuthFlow: 'USER_PASSWORD_AUTH',
    AuthParameters: { USERNAME: username, PASSWORD: password },
  };
  let answer;
  try {
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': 'AWSCognitoIdentityProviderService.InitiateAuth',
      },
      body: JSON.stringify(request),
      signal: AbortSignal.timeout(5_000),
    });
    answer = await response.json();
  } catch {
    return { refused: 'unavailable' };
  }
  const given = answer?.AuthenticationResult?.[token];
  if (typeof given === 'string') return { token: given, accessToken: answer.AuthenticationResult.AccessToken };
  if (typeof answer?.ChallengeName === 'string') return { refused: 'challenge' };
  return { refused: REFUSALS.get(`${answer?.__type}`.split('#').pop()) ?? 'unavailable' };
}

/** One reason for an unknown user and a wrong password: whether somebody has an account is nobody else's business. */
const REFUSALS = new Map([
  ['NotAuthorizedException', 'wrong'],
  ['UserNotFoundException', 'wrong'],
  ['InvalidParameterException', 'wrong'],
  ['InvalidPasswordException', 'wrong'],
  ['PasswordResetRequiredException', 'challenge'],
  ['UserNotConfirmedException', 'challenge'],
  ['TooManyRequestsException', 'busy'],
]);

import { isPlainObject } from '../options.js';
import type { HandoverSettings, NewSession } from './app-options.js';
import { type CallFailure, type CognitoException, callCognito } from './cognito-call.js';
import { HandoverError, type HandoverErrorCode } from './handover-error.js';

/** The challenge of the hand-over's triggers, between the two calls. */
interface Challenge {
  readonly session: string;
  readonly username: string;
}

/** What the triggers put into the challenge. To other triggers' challenges the token is not sent. */
const KIND = 'legacy-session';

/**
 * The first call: asks the new pool for the challenge.
 *
 * @throws HandoverError
 */
export async function askForChallenge(
  { newPool, username, fetch }: HandoverSettings,
  signal: AbortSignal,
): Promise<Challenge> {
  const answer = await callCognito({ fetch, signal }, newPool.endpoint, 'InitiateAuth', {
    AuthFlow: 'CUSTOM_AUTH',
    ClientId: newPool.clientId,
    AuthParameters: { USERNAME: username },
  }).catch((error: CallFailure) => {
    throw refusal(error, ON_ASKING);
  });
  const parameters = isPlainObject(answer['ChallengeParameters']) ? answer['ChallengeParameters'] : {};
  const session = textOf(answer['Session']);
  if (answer['ChallengeName'] !== 'CUSTOM_CHALLENGE' || parameters['kind'] !== KIND || session === undefined) {
    throw new HandoverError('ERR_HANDOVER_NOT_ENABLED', { detail: 'the answer is not the challenge of the hand-over' });
  }
  return { session, username: textOf(parameters['USERNAME']) ?? username };
}

/**
 * The second call: answers the challenge. Never to be repeated with the same token: the new pool may have accepted it although the
 * answer did not arrive.
 *
 * @throws HandoverError
 */
export async function answerChallenge(
  { newPool, fetch }: HandoverSettings,
  { session, username }: Challenge,
  accessToken: string,
  signal: AbortSignal,
): Promise<NewSession> {
  const answer = await callCognito({ fetch, signal }, newPool.endpoint, 'RespondToAuthChallenge', {
    ChallengeName: 'CUSTOM_CHALLENGE',
    ClientId: newPool.clientId,
    Session: session,
    ChallengeResponses: { USERNAME: username, ANSWER: accessToken },
  }).catch((error: CallFailure) => {
    throw refusal(error, ON_ANSWERING);
  });
  return isPlainObject(answer['AuthenticationResult'])
    ? newSession(answer['AuthenticationResult'])
    : furtherStep(answer);
}

function newSession(result: Record<string, unknown>): NewSession {
  const accessToken = textOf(result['AccessToken']);
  const idToken = textOf(result['IdToken']);
  const refreshToken = textOf(result['RefreshToken']);
  const expiresIn = expiresInOf(result['ExpiresIn']);
  if (
    accessToken === undefined ||
    idToken === undefined ||
    expiresIn === undefined ||
    result['TokenType'] !== 'Bearer'
  ) {
    throw new HandoverError('ERR_HANDOVER_UNAVAILABLE', { detail: 'the new pool answered without a session' });
  }
  return { accessToken, idToken, expiresIn, tokenType: 'Bearer', ...(refreshToken !== undefined && { refreshToken }) };
}

function furtherStep(answer: Record<string, unknown>): never {
  const challenge = answer['ChallengeName'];
  const session = textOf(answer['Session']);
  // The same question again means that the answer was wrong.
  if (challenge === 'CUSTOM_CHALLENGE') throw new HandoverError('ERR_HANDOVER_REFUSED');
  if (typeof challenge !== 'string' || !/^[A-Z_]{1,64}$/.test(challenge) || session === undefined) {
    throw new HandoverError('ERR_HANDOVER_UNAVAILABLE', { detail: 'the new pool answered without a session' });
  }
  const given = isPlainObject(answer['ChallengeParameters']) ? answer['ChallengeParameters'] : {};
  const parameters = Object.fromEntries(
    Object.entries(given).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
  throw new HandoverError('ERR_HANDOVER_CHALLENGE', { challenge, session, parameters });
}

type Meanings = Partial<Record<CognitoException, HandoverErrorCode>>;

/** What both calls are refused with, whoever the user is. */
const REFUSED: Meanings = {
  NotAuthorizedException: 'ERR_HANDOVER_REFUSED',
  UserNotFoundException: 'ERR_HANDOVER_REFUSED',
  UserNotConfirmedException: 'ERR_HANDOVER_REFUSED',
  PasswordResetRequiredException: 'ERR_HANDOVER_REFUSED',
  ResourceNotFoundException: 'ERR_HANDOVER_NOT_ENABLED',
};
const ON_ASKING: Meanings = {
  ...REFUSED,
  InvalidParameterException: 'ERR_HANDOVER_NOT_ENABLED',
  UnsupportedOperationException: 'ERR_HANDOVER_NOT_ENABLED',
};
const ON_ANSWERING: Meanings = {
  ...REFUSED,
  CodeMismatchException: 'ERR_HANDOVER_REFUSED',
  ExpiredCodeException: 'ERR_HANDOVER_REFUSED',
  InvalidParameterException: 'ERR_HANDOVER_REFUSED',
};

function refusal(failure: CallFailure, meanings: Meanings): HandoverError {
  const { exception, needsSecret, message } = failure;
  const meant = needsSecret ? 'ERR_HANDOVER_NOT_ENABLED' : exception && meanings[exception];
  const detail = needsSecret ? `${message}: the app client has a secret` : message;
  return new HandoverError(meant ?? 'ERR_HANDOVER_UNAVAILABLE', { detail: `new pool: ${detail}`, cause: failure });
}

/** Longer than any token or `Session`. */
const MAX_TEXT_LENGTH = 65_536;

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && value.length <= MAX_TEXT_LENGTH ? value : undefined;
}

export function expiresInOf(value: unknown): number | undefined {
  return typeof value === 'number' && value > 0 && Number.isFinite(value) ? value : undefined;
}

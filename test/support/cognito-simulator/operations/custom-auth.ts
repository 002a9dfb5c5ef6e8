import { randomUUID } from 'node:crypto';
import type {
  AdminRespondToAuthChallengeRequest,
  RespondToAuthChallengeRequest,
  UserPoolClientType,
} from '@aws-sdk/client-cognito-identity-provider';
import { invalidParameter, notAuthorized, ServiceError, userNotFound } from '../errors.js';
import type { Call, Operation } from '../operation.js';
import type { CustomSignIn, SimulatedPool } from '../pool.js';
import { attributesForTriggers, invoke } from '../triggers.js';
import type { SimulatedUser } from '../users.js';
import { poolOfClient } from './bearer.js';
import { namedClient } from './clients.js';
import { byAlias, checkSecret, signIn } from './sign-in.js';

/** Minutes for which the answer to a challenge is awaited. */
const SESSION_MINUTES = 3;
const MAX_ROUNDS = 3;

/** InitiateAuth with CUSTOM_AUTH. */
export async function beginCustomAuth(pool: SimulatedPool, client: UserPoolClientType, username: string) {
  const { defineAuthChallenge, createAuthChallenge, verifyAuthChallengeResponse } = pool.options.triggers ?? {};
  if (!defineAuthChallenge || !createAuthChallenge || !verifyAuthChallengeResponse) {
    throw invalidParameter('Custom auth lambda trigger is not configured for the user pool.');
  }
  const user = pool.user(username) ?? byAlias(pool, username);
  if (user === undefined && client.PreventUserExistenceErrors !== 'ENABLED') throw userNotFound();
  if (user !== undefined) checkState(user);
  const begun: CustomSignIn = {
    username: user?.username ?? username,
    clientId: client.ClientId ?? '',
    isUnknown: user === undefined,
    rounds: [],
    privateParameters: {},
    metadata: undefined,
    expiresAt: 0,
  };
  // The metadata of InitiateAuth is not passed to these triggers; that of RespondToAuthChallenge is.
  return nextRound(pool, client, begun, undefined);
}

function checkState({ enabled, status }: SimulatedUser): void {
  if (!enabled) throw notAuthorized('User is disabled.');
  if (status === 'UNCONFIRMED') throw new ServiceError('UserNotConfirmedException', 'User is not confirmed.');
  if (status === 'RESET_REQUIRED') {
    throw new ServiceError('PasswordResetRequiredException', 'Password reset required for the user');
  }
}

type Metadata = Record<string, string> | undefined;

async function nextRound(pool: SimulatedPool, client: UserPoolClientType, state: CustomSignIn, metadata: Metadata) {
  const user = pool.user(state.username);
  const about = { userName: state.username, clientId: state.clientId };
  const request = { ...requestOf(client, user, state, metadata), session: state.rounds };
  const next = await invoke(pool, {
    name: 'defineAuthChallenge',
    source: 'DefineAuthChallenge_Authentication',
    ...about,
    request,
  });
  if (next['failAuthentication'] === true) throw notAuthorized('Incorrect username or password.');
  if (next['issueTokens'] === true) {
    if (user === undefined) throw notAuthorized('Incorrect username or password.');
    checkState(user);
    // Whether MFA is asked for after custom authentication is not documented.
    return pool.options.mfaAfterCustomAuth === true
      ? signIn(pool, user, state.clientId)
      : pool.grants.issue(user, state.clientId);
  }
  if (next['challengeName'] !== 'CUSTOM_CHALLENGE') {
    throw new ServiceError('InvalidLambdaResponseException', 'Invalid lambda trigger response: challengeName');
  }
  if (state.rounds.length >= MAX_ROUNDS) throw notAuthorized('Incorrect username or password.');
  const created = await invoke(pool, {
    name: 'createAuthChallenge',
    source: 'CreateAuthChallenge_Authentication',
    ...about,
    request: { ...request, challengeName: 'CUSTOM_CHALLENGE' },
  });
  const { publicChallengeParameters, privateChallengeParameters, challengeMetadata } = created;
  const session = `sim-custom:${randomUUID()}`;
  pool.customSignIns.set(session, {
    ...state,
    privateParameters: (privateChallengeParameters as Record<string, string> | undefined) ?? {},
    metadata: typeof challengeMetadata === 'string' ? challengeMetadata : undefined,
    expiresAt: pool.now() + (client.AuthSessionValidity ?? SESSION_MINUTES) * 60_000,
  });
  return {
    ChallengeName: 'CUSTOM_CHALLENGE',
    Session: session,
    ChallengeParameters: { USERNAME: state.username, ...(publicChallengeParameters as object | undefined) },
  };
}

const requestOf = (
  client: UserPoolClientType,
  user: SimulatedUser | undefined,
  { isUnknown }: CustomSignIn,
  metadata: Metadata,
) => ({
  userAttributes: attributesForTriggers(user),
  ...(client.PreventUserExistenceErrors === 'ENABLED' && { userNotFound: isUnknown }),
  ...(metadata !== undefined && { clientMetadata: metadata }),
});

type Answer = AdminRespondToAuthChallengeRequest | RespondToAuthChallengeRequest;

async function respond({ input, pool }: Call<Answer>): Promise<object> {
  const client = namedClient(pool, input.ClientId);
  const { USERNAME: username, ANSWER: answer, SECRET_HASH: secretHash } = input.ChallengeResponses ?? {};
  if (input.ChallengeName !== 'CUSTOM_CHALLENGE') throw invalidParameter('Not simulated: this challenge.');
  if (username === undefined) throw invalidParameter('Missing required parameter USERNAME');
  if (answer === undefined) throw invalidParameter('Missing required parameter ANSWER');
  checkSecret(client, username, secretHash);
  const session = input.Session ?? '';
  const state = pool.customSignIns.get(session);
  // Each session is good for one answer, be it right or wrong.
  pool.customSignIns.delete(session);
  if (state?.clientId !== input.ClientId || state?.username !== (byName(pool, username)?.username ?? username)) {
    throw notAuthorized('Invalid session for the user.');
  }
  if (state.expiresAt < pool.now()) throw notAuthorized('Invalid session for the user, session is expired.');
  const user = pool.user(state.username);
  const { answerCorrect } = await invoke(pool, {
    name: 'verifyAuthChallengeResponse',
    source: 'VerifyAuthChallengeResponse_Authentication',
    userName: state.username,
    clientId: state.clientId,
    request: {
      ...requestOf(client, user, state, input.ClientMetadata),
      privateChallengeParameters: state.privateParameters,
      challengeAnswer: answer,
    },
  });
  const round = {
    challengeName: 'CUSTOM_CHALLENGE',
    challengeResult: answerCorrect === true,
    ...(state.metadata !== undefined && { challengeMetadata: state.metadata }),
  };
  return nextRound(pool, client, { ...state, rounds: [...state.rounds, round] }, input.ClientMetadata);
}

const byName = (pool: SimulatedPool, username: string) => pool.user(username) ?? byAlias(pool, username);

export const customAuthOperations = {
  RespondToAuthChallenge: { category: 'UserAuthentication', locate: poolOfClient, run: respond },
  AdminRespondToAuthChallenge: { category: 'UserAuthentication', run: respond },
} satisfies Record<string, Operation>;

import {
  AdminDisableUserCommand,
  AdminInitiateAuthCommand,
  AdminRespondToAuthChallengeCommand,
  AdminUserGlobalSignOutCommand,
  GetTokensFromRefreshTokenCommand,
  GetUserCommand,
  GlobalSignOutCommand,
  InitiateAuthCommand,
  RespondToAuthChallengeCommand,
  RevokeTokenCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import type {
  CreateAuthChallengeTriggerEvent,
  DefineAuthChallengeTriggerEvent,
  VerifyAuthChallengeResponseTriggerEvent,
} from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCutoverVerifier } from '../../src/index.js';
import { createTestPools, type TestPools } from '../../src/testing/index.js';
import type { PoolOptions } from './cognito-simulator/index.js';
import { started } from './cognito-simulator/testing.js';

const POOL = 'eu-west-1_Custom';
const SUB = '11111111-2222-3333-4444-555555555555';
const ann = { username: 'ann', sub: SUB, password: 'Passw0rd!', attributes: { email: 'ann@example.com' } };

/** Two questions: the name of the pet, then that of the street. */
const questions = () => {
  const seen: { triggerSource: string; request: object }[] = [];
  const remember = <E extends { triggerSource: string; request: object }>(event: E) => {
    seen.push(structuredClone({ triggerSource: event.triggerSource, request: event.request }));
    return event;
  };
  const triggers = {
    defineAuthChallenge: (event: DefineAuthChallengeTriggerEvent) => {
      const { session } = remember(event).request;
      const right = session.every(({ challengeResult }) => challengeResult);
      event.response = {
        challengeName: 'CUSTOM_CHALLENGE',
        issueTokens: right && session.length === 2,
        failAuthentication: !right,
      };
      return event;
    },
    createAuthChallenge: async (event: CreateAuthChallengeTriggerEvent) => {
      const [first] = remember(event).request.session;
      event.response = {
        publicChallengeParameters: { question: first === undefined ? 'pet' : 'street' },
        privateChallengeParameters: { answer: first === undefined ? 'Rex' : 'High Street' },
        challengeMetadata: first === undefined ? 'PET' : 'STREET',
      };
      return event;
    },
    verifyAuthChallengeResponse: (event: VerifyAuthChallengeResponseTriggerEvent) => {
      const { challengeAnswer, privateChallengeParameters } = remember(event).request;
      event.response = { answerCorrect: `${challengeAnswer}` === privateChallengeParameters['answer'] };
      return event;
    },
  };
  return { triggers, seen };
};

const pool = (over: Partial<PoolOptions> = {}): PoolOptions => ({
  id: POOL,
  users: [
    ann,
    { username: 'disabled', enabled: false },
    { username: 'unconfirmed', status: 'UNCONFIRMED' },
    { username: 'reset', status: 'RESET_REQUIRED' },
    { username: 'factor', mfa: ['SMS_MFA'] },
  ],
  clients: [
    {
      ClientId: 'app',
      ExplicitAuthFlows: ['ALLOW_CUSTOM_AUTH', 'ALLOW_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
    },
    { ClientId: 'discreet', PreventUserExistenceErrors: 'ENABLED' },
    { ClientId: 'passwords', ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH'] },
    { ClientId: 'rotating', RefreshTokenRotation: { Feature: 'ENABLED', RetryGracePeriodSeconds: 10 } },
    { ClientId: 'unrevokable', EnableTokenRevocation: false },
  ],
  triggers: questions().triggers,
  ...over,
});

const begin = (USERNAME: string, ClientId = 'app') =>
  new InitiateAuthCommand({ ClientId, AuthFlow: 'CUSTOM_AUTH', AuthParameters: { USERNAME } });
const answer = (Session: string | undefined, ANSWER: string, USERNAME = 'ann', ClientId = 'app') =>
  new RespondToAuthChallengeCommand({
    ClientId,
    Session,
    ChallengeName: 'CUSTOM_CHALLENGE',
    ChallengeResponses: { USERNAME, ANSWER },
    ClientMetadata: { from: 'the app' },
  });

describe('custom authentication', () => {
  it('asks round by round, with the events that Cognito sends', async () => {
    const { triggers, seen } = questions();
    const { client } = await started({ pools: [pool({ triggers })] });
    const first = await client.send(begin('ann'));
    expect(first.ChallengeParameters).toEqual({ USERNAME: 'ann', question: 'pet' });
    const second = await client.send(answer(first.Session, 'Rex'));
    expect(second.ChallengeParameters).toEqual({ USERNAME: 'ann', question: 'street' });
    const { AuthenticationResult } = await client.send(answer(second.Session, 'High Street'));
    expect(AuthenticationResult).toMatchObject({ TokenType: 'Bearer', ExpiresIn: 3600 });
    const found = await client.send(new GetUserCommand({ AccessToken: AuthenticationResult?.AccessToken }));
    expect(found.Username).toBe('ann');
    expect(seen.map(({ triggerSource }) => triggerSource.replace('_Authentication', ''))).toEqual([
      'DefineAuthChallenge',
      'CreateAuthChallenge',
      'VerifyAuthChallengeResponse',
      'DefineAuthChallenge',
      'CreateAuthChallenge',
      'VerifyAuthChallengeResponse',
      'DefineAuthChallenge',
    ]);
    const pet = { challengeName: 'CUSTOM_CHALLENGE', challengeResult: true, challengeMetadata: 'PET' };
    const userAttributes = { sub: SUB, email: 'ann@example.com', 'cognito:user_status': 'CONFIRMED' };
    const clientMetadata = { from: 'the app' };
    expect(seen[0]?.request).toEqual({ userAttributes, session: [] });
    expect(seen[2]?.request).toEqual({
      userAttributes,
      clientMetadata,
      privateChallengeParameters: { answer: 'Rex' },
      challengeAnswer: 'Rex',
    });
    expect(seen[4]?.request).toEqual({
      userAttributes,
      clientMetadata,
      challengeName: 'CUSTOM_CHALLENGE',
      session: [pet],
    });
  });

  it('serves administrators', async () => {
    const { client } = await started({ pools: [pool()] });
    const app = { UserPoolId: POOL, ClientId: 'app' };
    const { Session } = await client.send(
      new AdminInitiateAuthCommand({ ...app, AuthFlow: 'CUSTOM_AUTH', AuthParameters: { USERNAME: 'ann' } }),
    );
    const ChallengeResponses = { USERNAME: 'ann', ANSWER: 'Rex' };
    const next = await client.send(
      new AdminRespondToAuthChallengeCommand({
        ...app,
        Session,
        ChallengeName: 'CUSTOM_CHALLENGE',
        ChallengeResponses,
      }),
    );
    expect(next.ChallengeParameters).toMatchObject({ question: 'street' });
  });

  it.each([
    ['an unknown user', begin('nobody'), 'UserNotFoundException'],
    ['a disabled user', begin('disabled'), 'NotAuthorizedException'],
    ['an unconfirmed user', begin('unconfirmed'), 'UserNotConfirmedException'],
    ['a user who must reset', begin('reset'), 'PasswordResetRequiredException'],
    ['a client without the flow', begin('ann', 'passwords'), 'InvalidParameterException'],
    ['an unknown client', begin('ann', 'none'), 'ResourceNotFoundException'],
  ])('is not begun for %s', async (_, command, name) => {
    const { client } = await started({ pools: [pool()] });
    await expect(client.send(command)).rejects.toMatchObject({ name });
  });

  it('goes on for nobody where the client keeps quiet about who exists', async () => {
    const { triggers, seen } = questions();
    const { client } = await started({ pools: [pool({ triggers })] });
    const first = await client.send(begin('nobody', 'discreet'));
    expect(seen[0]?.request).toEqual({ userAttributes: {}, userNotFound: true, session: [] });
    const second = await client.send(answer(first.Session, 'Rex', 'nobody', 'discreet'));
    const refused = { name: 'NotAuthorizedException', message: 'Incorrect username or password.' };
    await expect(client.send(answer(second.Session, 'High Street', 'nobody', 'discreet'))).rejects.toMatchObject(
      refused,
    );
  });

  it.each<[string, (session: string | undefined) => RespondToAuthChallengeCommand]>([
    ['a wrong answer', (session) => answer(session, 'Bello')],
    ['the session of somebody else', (session) => answer(session, 'Rex', 'reset')],
    ['the session of another client', (session) => answer(session, 'Rex', 'ann', 'discreet')],
    ['a made-up session', () => answer('sim-custom:1', 'Rex')],
  ])('refuses %s, and the session is used up', async (_, wrong) => {
    const { client } = await started({ pools: [pool()] });
    const { Session } = await client.send(begin('ann'));
    await expect(client.send(wrong(Session))).rejects.toMatchObject({ name: 'NotAuthorizedException' });
    if (wrong(Session).input.Session !== Session) return;
    await expect(client.send(answer(Session, 'Rex'))).rejects.toMatchObject({ name: 'NotAuthorizedException' });
  });

  it('waits three minutes for an answer', async () => {
    let now = 1_800_000_000_000;
    const { client } = await started({ pools: [pool()], now: () => now });
    const [one, two] = [await client.send(begin('ann')), await client.send(begin('ann'))];
    now += 180_000;
    await client.send(answer(one.Session, 'Rex'));
    now += 1;
    await expect(client.send(answer(two.Session, 'Rex'))).rejects.toThrow('session is expired');
  });

  it('does not let a user in who was disabled meanwhile', async () => {
    const { client } = await started({ pools: [pool()] });
    const first = await client.send(begin('ann'));
    const second = await client.send(answer(first.Session, 'Rex'));
    await client.send(new AdminDisableUserCommand({ UserPoolId: POOL, Username: 'ann' }));
    await expect(client.send(answer(second.Session, 'High Street'))).rejects.toThrow('User is disabled.');
  });

  it.each([
    [undefined, undefined],
    [true, 'SMS_MFA'],
  ])('asks for MFA only where the pool is told to: %s', async (mfaAfterCustomAuth, challenge) => {
    const settings = { MfaConfiguration: 'ON' } as const;
    const more = mfaAfterCustomAuth === undefined ? {} : { mfaAfterCustomAuth };
    const { client } = await started({ pools: [pool({ settings, ...more })] });
    const first = await client.send(begin('factor'));
    const second = await client.send(answer(first.Session, 'Rex', 'factor'));
    expect((await client.send(answer(second.Session, 'High Street', 'factor'))).ChallengeName).toBe(challenge);
  });

  it.each<[string, () => unknown, string, string]>([
    [
      'throws',
      () => {
        throw new Error('down');
      },
      'UserLambdaValidationException',
      'DefineAuthChallenge failed with error down.',
    ],
    ['answers nothing', () => undefined, 'InvalidLambdaResponseException', 'Unrecognizable lambda output'],
    [
      'asks for what is unknown',
      () => ({ response: { challengeName: 'RIDDLE' } }),
      'InvalidLambdaResponseException',
      'challengeName',
    ],
    ['never answers', () => new Promise(() => {}), 'UnexpectedLambdaException', 'did not answer in time'],
  ])('tells when a trigger %s', async (_, defineAuthChallenge, name, message) => {
    const triggers = { ...questions().triggers, defineAuthChallenge };
    const { client } = await started({ pools: [pool({ triggers, triggerLimitMs: 20 })] });
    await expect(client.send(begin('ann'))).rejects.toMatchObject({ name, message: expect.stringContaining(message) });
  });

  it('needs the triggers', async () => {
    const { triggers: _, ...without } = pool();
    const { client } = await started({ pools: [without] });
    await expect(client.send(begin('ann'))).rejects.toMatchObject({ name: 'InvalidParameterException' });
  });
});

describe('a session', () => {
  const signIn = (ClientId = 'app') =>
    new InitiateAuthCommand({
      ClientId,
      AuthFlow: 'USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME: 'ann', PASSWORD: 'Passw0rd!' },
    });
  const renew = (RefreshToken = '', ClientId = 'app') =>
    new GetTokensFromRefreshTokenCommand({ ClientId, RefreshToken });
  const renewAsEver = (REFRESH_TOKEN = '', ClientId = 'app') =>
    new InitiateAuthCommand({ ClientId, AuthFlow: 'REFRESH_TOKEN_AUTH', AuthParameters: { REFRESH_TOKEN } });
  const read = (AccessToken: string | undefined) => new GetUserCommand({ AccessToken });

  it.each([
    ['GetTokensFromRefreshToken', renew],
    ['InitiateAuth', renewAsEver],
  ])('is renewed by %s, under the same refresh token', async (_, by) => {
    const { client } = await started({ pools: [pool()] });
    const { AuthenticationResult: old } = await client.send(signIn());
    for (let times = 0; times < 2; times += 1) {
      const { AuthenticationResult } = await client.send(
        by(old?.RefreshToken) as typeof GetTokensFromRefreshTokenCommand.prototype,
      );
      expect(AuthenticationResult?.RefreshToken).toBeUndefined();
      expect((await client.send(read(AuthenticationResult?.AccessToken))).Username).toBe('ann');
    }
    await expect(client.send(renew(old?.RefreshToken, 'discreet'))).rejects.toThrow('Invalid Refresh Token.');
  });

  it('rotates its refresh token where the client does, and takes the old one for some seconds more', async () => {
    let now = 1_800_000_000_000;
    const { client } = await started({ pools: [pool()], now: () => now });
    const { AuthenticationResult: old } = await client.send(signIn('rotating'));
    await expect(client.send(renewAsEver(old?.RefreshToken, 'rotating'))).rejects.toThrow('Auth flow not enabled');
    const { AuthenticationResult: next } = await client.send(renew(old?.RefreshToken, 'rotating'));
    expect(next?.RefreshToken).not.toBe(old?.RefreshToken);
    now += 10_000;
    await client.send(renew(old?.RefreshToken, 'rotating'));
    now += 1;
    const reused = client.send(renew(old?.RefreshToken, 'rotating'));
    await expect(reused).rejects.toMatchObject({ name: 'RefreshTokenReuseException' });
    await client.send(renew(next?.RefreshToken, 'rotating'));
  });

  it.each<[string, (tokens: { access: string; refresh: string }) => object, boolean]>([
    ['RevokeToken', ({ refresh }) => new RevokeTokenCommand({ ClientId: 'app', Token: refresh }), true],
    ['GlobalSignOut', ({ access }) => new GlobalSignOutCommand({ AccessToken: access }), false],
    ['AdminUserGlobalSignOut', () => new AdminUserGlobalSignOutCommand({ UserPoolId: POOL, Username: 'ann' }), false],
    ['AdminDisableUser', () => new AdminDisableUserCommand({ UserPoolId: POOL, Username: 'ann' }), false],
  ])('is ended by %s', async (_, how, leavesOthers) => {
    const { client } = await started({ pools: [pool()] });
    const [mine, other] = [await client.send(signIn()), await client.send(signIn())];
    const tokensOf = ({ AuthenticationResult }: typeof mine) => ({
      access: AuthenticationResult?.AccessToken ?? '',
      refresh: AuthenticationResult?.RefreshToken ?? '',
    });
    await client.send(how(tokensOf(mine)) as RevokeTokenCommand);
    await expect(client.send(read(tokensOf(mine).access))).rejects.toMatchObject({ name: 'NotAuthorizedException' });
    await expect(client.send(renew(tokensOf(mine).refresh))).rejects.toMatchObject({ name: 'NotAuthorizedException' });
    const still = client.send(read(tokensOf(other).access)).then(
      () => true,
      () => false,
    );
    expect(await still).toBe(leavesOthers);
  });

  it.each([
    ['a client that cannot', 'unrevokable', 'sim-refresh:1', 'UnsupportedOperationException'],
    ['an access token', 'app', 'a.b.c', 'UnsupportedTokenTypeException'],
  ])('is not revoked for %s', async (_, ClientId, Token, name) => {
    const { client } = await started({ pools: [pool()] });
    await expect(client.send(new RevokeTokenCommand({ ClientId, Token }))).rejects.toMatchObject({ name });
  });

  it('is revoked by its own client alone', async () => {
    const { client } = await started({ pools: [pool()] });
    const { AuthenticationResult } = await client.send(signIn());
    const Token = AuthenticationResult?.RefreshToken;
    const foreign = client.send(new RevokeTokenCommand({ ClientId: 'discreet', Token }));
    await expect(foreign).rejects.toMatchObject({ name: 'UnauthorizedException' });
    await client.send(renew(Token));
  });
});

describe('a pool with a signer', () => {
  let pools: TestPools;
  beforeAll(async () => {
    pools = await createTestPools({ serve: false });
  });
  afterAll(() => pools.close());

  const signed = (over: Partial<PoolOptions> = {}) => {
    const { newPool: signer } = pools;
    const clients = [{ ClientId: signer.clientId }];
    const users = [{ ...ann, attributes: { ...ann.attributes, 'custom:legacy_sub': SUB } }];
    return pool({ id: signer.userPoolId, signer, clients, users, customAttributes: ['legacy_sub'], ...over });
  };
  const signIn = () =>
    new InitiateAuthCommand({
      ClientId: pools.newPool.clientId,
      AuthFlow: 'USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME: 'ann', PASSWORD: 'Passw0rd!' },
    });

  it('issues tokens that a verifier accepts, with the claims of a pre-token-generation trigger', async () => {
    const preTokenGeneration = (event: { response: object }) => ({
      ...event,
      response: {
        claimsAndScopeOverrideDetails: { accessTokenGeneration: { claimsToAddOrOverride: { legacy_sub: SUB } } },
      },
    });
    const { client } = await started({ pools: [signed({ triggers: { preTokenGeneration } })] });
    const { AuthenticationResult } = await client.send(signIn());
    const verifier = createCutoverVerifier({ newPool: pools.newPool.options, tokenUse: 'any' });
    for (const token of [AuthenticationResult?.AccessToken, AuthenticationResult?.IdToken]) {
      expect(await verifier.verify(token ?? '')).toMatchObject({ userId: SUB, pool: 'new' });
    }
    verifier.close();
  });

  it('answers GetUser for its own access tokens alone, wherever they were minted', async () => {
    const { client } = await started({ pools: [signed()] });
    const { AuthenticationResult } = await client.send(signIn());
    const read = (AccessToken: string | undefined) => client.send(new GetUserCommand({ AccessToken }));
    for (const token of [AuthenticationResult?.AccessToken, pools.newPool.accessToken({ sub: SUB })]) {
      expect((await read(token)).Username).toBe('ann');
    }
    const iss = pools.newPool.issuer;
    const payload = pools.newPool.accessToken({ sub: SUB }).split('.')[1];
    const unsigned = `${Buffer.from('{"alg":"none","kid":"x"}').toString('base64url')}.${payload}.`;
    const scope = 'aws.cognito.signin.user.admin';
    for (const token of [
      unsigned,
      'sim-access:1',
      pools.legacyPool.accessToken({ sub: SUB, iss }),
      pools.newPool.idToken({ sub: SUB, scope }),
    ]) {
      await expect(read(token)).rejects.toMatchObject({
        name: expect.stringMatching(/^(?:NotAuthorized|UserNotFound)Exception$/),
      });
    }
    await client.send(new AdminUserGlobalSignOutCommand({ UserPoolId: pools.newPool.userPoolId, Username: 'ann' }));
    await expect(read(pools.newPool.accessToken({ sub: SUB, auth_time: 1 }))).rejects.toThrow('revoked');
  });
});

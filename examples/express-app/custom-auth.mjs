// Stands in for the new pool's custom authentication: cognito-local has none. Two calls of Cognito's API are answered here. The triggers are
// the real ones and get the events that Cognito sends, and cognito-local issues the tokens, for the password that everybody in a trial
// has: Cognito itself needs no password once the triggers agree. For trials on this machine only.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { AdminGetUserCommand, InitiateAuthCommand } from '@aws-sdk/client-cognito-identity-provider';
import { PASSWORD } from './cognito-local.mjs';

class Refusal extends Error {}

/**
 * Answers its address. It does not keep the process running.
 *
 * @param {import('./cognito-local.mjs').CognitoLocal} cognito
 * @param {import('./cognito-local.mjs').LocalPool} pool
 * @param {import('cognito-cutover/triggers').SessionHandover} triggers
 */
export async function startCustomAuth({ client }, { userPoolId, clientId }, triggers) {
  /** What was asked, by session. */
  const asked = new Map();

  async function call(trigger, username, request) {
    const event = {
      version: '1',
      region: 'local',
      userPoolId,
      userName: username,
      callerContext: { awsSdkVersion: 'aws-sdk-unknown-unknown', clientId },
      triggerSource: `${trigger}_Authentication`,
      request,
      response: {},
    };
    try {
      return (await triggers.handler(event)).response;
    } catch (error) {
      throw new Refusal('UserLambdaValidationException', { cause: error });
    }
  }

  async function initiate({ AuthFlow, ClientId, AuthParameters }) {
    if (AuthFlow !== 'CUSTOM_AUTH' || ClientId !== clientId) throw new Refusal('InvalidParameterException');
    const username = AuthParameters.USERNAME;
    const user = await client
      .send(new AdminGetUserCommand({ UserPoolId: userPoolId, Username: username }))
      .catch(() => {
        throw new Refusal('UserNotFoundException');
      });
    const attributes = user.UserAttributes.map(({ Name, Value }) => [Name, Value]);
    const userAttributes = { ...Object.fromEntries(attributes), 'cognito:user_status': user.UserStatus };
    const { challengeName } = await call('DefineAuthChallenge', username, { userAttributes, session: [] });
    if (challengeName === undefined) throw new Refusal('NotAuthorizedException');
    const created = await call('CreateAuthChallenge', username, { userAttributes, challengeName, session: [] });
    const Session = randomUUID();
    asked.set(Session, { username, userAttributes, challengeName, created });
    const ChallengeParameters = { USERNAME: username, ...created.publicChallengeParameters };
    return { ChallengeName: challengeName, Session, ChallengeParameters };
  }

  async function respond({ Session, ChallengeResponses }) {
    const question = asked.get(Session);
    asked.delete(Session);
    if (question === undefined) throw new Refusal('NotAuthorizedException');
    const { username, userAttributes, challengeName, created } = question;
    const { privateChallengeParameters, challengeMetadata } = created;
    const answer = { userAttributes, privateChallengeParameters, challengeAnswer: ChallengeResponses.ANSWER };
    const { answerCorrect } = await call('VerifyAuthChallengeResponse', username, answer);
    const session = [{ challengeName, challengeResult: answerCorrect === true, challengeMetadata }];
    const { issueTokens } = await call('DefineAuthChallenge', username, { userAttributes, session });
    if (issueTokens !== true) throw new Refusal('NotAuthorizedException');
    const { AuthenticationResult } = await client.send(
      new InitiateAuthCommand({
        ClientId: clientId,
        AuthFlow: 'USER_PASSWORD_AUTH',
        AuthParameters: { USERNAME: username, PASSWORD },
      }),
    );
    return {
      ChallengeParameters: {},
      AuthenticationResult: { ExpiresIn: 3_600, TokenType: 'Bearer', ...AuthenticationResult },
    };
  }

  const operations = new Map([
    ['InitiateAuth', initiate],
    ['RespondToAuthChallenge', respond],
  ]);
  const server = createServer(async (req, res) => {
    const operation = operations.get(`${req.headers['x-amz-target']}`.split('.').pop());
    try {
      if (operation === undefined) throw new Refusal('UnknownOperationException');
      const answer = await operation(JSON.parse(await text(req)));
      res.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(answer));
    } catch (error) {
      const type = error instanceof Refusal ? error.message : 'InternalErrorException';
      res.writeHead(error instanceof Refusal ? 400 : 500).end(JSON.stringify({ __type: type }));
    }
  });
  server.listen(0, '127.0.0.1').unref();
  await once(server, 'listening');
  return `http://127.0.0.1:${server.address().port}/`;
}

// Invokes the bundled functions as Cognito would, against two pools of the emulator cognito-local. It needs no AWS account.
import { addUser, createPool, startCognitoLocal } from '../express-app/cognito-local.mjs';
import { startUsedTokens } from './used-tokens.mjs';

const cognito = await startCognitoLocal();
const usedTokens = await startUsedTokens();
try {
  const mapping = {
    Name: 'legacy_sub',
    AttributeDataType: 'String',
    Mutable: true,
    // A limit can never be raised.
    StringAttributeConstraints: { MaxLength: '2048' },
  };
  const legacyPool = await createPool(cognito, 'legacy');
  const newPool = await createPool(cognito, 'new', [mapping]);
  const annasOldId = await addUser(cognito, legacyPool, 'anna');
  const dorasNewSub = await addUser(cognito, newPool, 'dora');

  process.env.AWS_ACCESS_KEY_ID = 'local';
  process.env.AWS_SECRET_ACCESS_KEY = 'local';
  process.env.AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER = cognito.endpoint;
  process.env.LEGACY_USER_POOL_ID = legacyPool.userPoolId;
  process.env.LEGACY_CLIENT_ID = legacyPool.clientId;
  process.env.LEGACY_APP_CLIENT_IDS = legacyPool.clientId;
  process.env.LEGACY_ISSUER = `${cognito.endpoint}/${legacyPool.userPoolId}`;
  process.env.USED_TOKENS_TABLE = usedTokens.tableName;
  process.env.AWS_ENDPOINT_URL_DYNAMODB = usedTokens.endpoint;
  process.env.AWS_REGION = 'local';

  /** The event that Cognito sends to the function. */
  const invoke = async (name, triggerSource, userName, request, response = {}) => {
    const { handler } = await import(`./dist/${name}.mjs`);
    const event = {
      version: name === 'pre-token-generation' ? '2' : '1',
      region: 'local',
      userPoolId: newPool.userPoolId,
      triggerSource,
      userName,
      callerContext: { awsSdkVersion: 'trial', clientId: newPool.clientId },
      request,
      response,
    };
    return (await handler(event)).response;
  };
  const show = (title, value) =>
    console.log(`${title}\n  ${typeof value === 'string' ? value : JSON.stringify(value)}`);

  console.log(`anna's id in the applications' tables: ${annasOldId}\n`);

  const moved = await invoke('user-migration', 'UserMigration_Authentication', 'anna', { password: 'Correct-horse-7' });
  show('User migration: anna signs in at the new pool for the first time', moved.userAttributes);

  const wrong = invoke('user-migration', 'UserMigration_Authentication', 'anna', { password: 'wrong' });
  show('User migration: with a wrong password', await wrong.catch((error) => error.message));

  const groupConfiguration = { groupsToOverride: ['customers'], iamRolesToOverride: [], preferredRole: null };
  const userAttributes = { sub: dorasNewSub, 'custom:legacy_sub': annasOldId };
  const tokens = await invoke('pre-token-generation', 'TokenGeneration_Authentication', 'anna', {
    userAttributes,
    groupConfiguration,
  });
  show('Pre token generation: the claims of her tokens', tokens.claimsAndScopeOverrideDetails);

  const taken = invoke('pre-sign-up', 'PreSignUp_SignUp', 'anna', { userAttributes: { email: 'mallory@example.com' } });
  show('Pre sign-up: another person signs up as anna', await taken.catch((error) => error.message));

  await invoke('post-confirmation', 'PostConfirmation_ConfirmSignUp', 'dora', {
    userAttributes: { sub: dorasNewSub, email: 'dora@example.com' },
  });
  const { AdminGetUserCommand, InitiateAuthCommand } = await import('@aws-sdk/client-cognito-identity-provider');
  const dora = await cognito.client.send(new AdminGetUserCommand({ UserPoolId: newPool.userPoolId, Username: 'dora' }));
  const stamp = dora.UserAttributes.find(({ Name }) => Name === 'custom:legacy_sub')?.Value;
  show('Post confirmation: dora, who is new, keeps her own sub', `${stamp === dorasNewSub}`);

  const signIn = new InitiateAuthCommand({
    AuthFlow: 'USER_PASSWORD_AUTH',
    ClientId: legacyPool.clientId,
    AuthParameters: { USERNAME: 'anna', PASSWORD: 'Correct-horse-7' },
  });
  const { AuthenticationResult } = await cognito.client.send(signIn);
  const annasNewSub = await addUser(cognito, newPool, 'anna');
  const handOver = (legacyId) =>
    invoke('session-handover', 'VerifyAuthChallengeResponse_Authentication', 'anna', {
      userAttributes: { sub: annasNewSub, 'cognito:user_status': 'CONFIRMED', 'custom:legacy_sub': legacyId },
      privateChallengeParameters: { kind: 'legacy-session' },
      challengeAnswer: AuthenticationResult.AccessToken,
    });
  show("Session hand-over: anna's legacy access token, for another user", await handOver(dorasNewSub));
  show('Session hand-over: for anna, who stays signed in', await handOver(annasOldId));
  show('Session hand-over: the same token again', await handOver(annasOldId));
} finally {
  cognito.stop();
  usedTokens.stop();
}

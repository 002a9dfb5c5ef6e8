// Invokes the bundled functions as Cognito would, against two pools of the emulator cognito-local. It needs no AWS account.
import { addUser, createPool, startCognitoLocal } from '../express-app/cognito-local.mjs';

const cognito = await startCognitoLocal();
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

  /** The event that Cognito sends to the function. */
  const invoke = async (name, triggerSource, userName, request, pool = newPool) => {
    const { handler } = await import(`./dist/${name}.mjs`);
    const event = {
      version: name.endsWith('pre-token-generation') ? '2' : '1',
      region: 'local',
      userPoolId: pool.userPoolId,
      triggerSource,
      userName,
      callerContext: { awsSdkVersion: 'trial', clientId: pool.clientId },
      request,
      response: {},
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

  const legacyTokens = (pool) =>
    invoke(
      'legacy-pre-token-generation',
      'TokenGeneration_Authentication',
      'anna',
      { userAttributes: { sub: annasOldId }, groupConfiguration },
      pool,
    );
  const same = (await legacyTokens(legacyPool)).claimsAndScopeOverrideDetails;
  show('Legacy pre token generation: the same claims in her legacy tokens', same);

  const misplaced = legacyTokens(newPool);
  show(
    'Legacy pre token generation: attached to the new pool by mistake',
    await misplaced.catch((error) => error.message),
  );

  const taken = invoke('pre-sign-up', 'PreSignUp_SignUp', 'anna', { userAttributes: { email: 'mallory@example.com' } });
  show('Pre sign-up: another person signs up as anna', await taken.catch((error) => error.message));

  await invoke('post-confirmation', 'PostConfirmation_ConfirmSignUp', 'dora', {
    userAttributes: { sub: dorasNewSub, email: 'dora@example.com' },
  });
  const { AdminGetUserCommand } = await import('@aws-sdk/client-cognito-identity-provider');
  const dora = await cognito.client.send(new AdminGetUserCommand({ UserPoolId: newPool.userPoolId, Username: 'dora' }));
  const stamp = dora.UserAttributes.find(({ Name }) => Name === 'custom:legacy_sub')?.Value;
  show('Post confirmation: dora, who is new, keeps her own sub', `${stamp === dorasNewSub}`);
} finally {
  cognito.stop();
}

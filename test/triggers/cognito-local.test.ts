import { randomUUID } from 'node:crypto';
import {
  AdminConfirmSignUpCommand,
  AdminCreateUserCommand,
  AdminGetUserCommand,
  AdminSetUserPasswordCommand,
  CognitoIdentityProviderClient,
  CreateUserPoolClientCommand,
  CreateUserPoolCommand,
  InitiateAuthCommand,
  ListUsersCommand,
  SignUpCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import type { UserMigrationTriggerEvent } from 'aws-lambda';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import {
  createPostConfirmationTrigger,
  createPreSignUpTrigger,
  createPreTokenGenerationTrigger,
  createUserMigrationTrigger,
} from '../../src/triggers/index.js';
import { createCutoverVerifier } from '../../src/verify/verifier.js';
import { CognitoLocal, LambdaEndpoint } from './emulator.js';

const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
const PASSWORD = 'Correct-Horse-1';

interface Pool {
  readonly endpoint: string;
  readonly userPoolId: string;
  readonly clientId: string;
  readonly sdk: CognitoIdentityProviderClient;
}

let lambda: LambdaEndpoint;
let emulators: readonly CognitoLocal[] = [];
let legacy: Pool;
let fresh: Pool;

async function createPool(endpoint: string, name: string): Promise<Pool> {
  const sdk = new CognitoIdentityProviderClient({ endpoint, region: 'local', credentials });
  const { UserPool } = await sdk.send(
    new CreateUserPoolCommand({
      PoolName: name,
      UsernameAttributes: ['email'],
      Schema: [{ Name: 'legacy_sub', AttributeDataType: 'String', Mutable: true }],
    }),
  );
  const userPoolId = UserPool?.Id ?? '';
  const { UserPoolClient } = await sdk.send(
    new CreateUserPoolClientCommand({ UserPoolId: userPoolId, ClientName: 'app' }),
  );
  return { endpoint, userPoolId, clientId: UserPoolClient?.ClientId ?? '', sdk };
}

/** A confirmed user of the legacy pool, who has a password. Answers their sub. */
async function addLegacyUser(email: string): Promise<string> {
  const user = { UserPoolId: legacy.userPoolId, Username: email };
  await legacy.sdk.send(
    new AdminCreateUserCommand({
      ...user,
      UserAttributes: [
        { Name: 'email', Value: email },
        { Name: 'email_verified', Value: 'true' },
      ],
      MessageAction: 'SUPPRESS',
    }),
  );
  await legacy.sdk.send(new AdminSetUserPasswordCommand({ ...user, Password: PASSWORD, Permanent: true }));
  const { UserAttributes } = await legacy.sdk.send(new AdminGetUserCommand(user));
  return UserAttributes?.find(({ Name }) => Name === 'sub')?.Value ?? '';
}

async function signIn(pool: Pool, email: string, password = PASSWORD): Promise<string> {
  const { AuthenticationResult } = await pool.sdk.send(
    new InitiateAuthCommand({
      ClientId: pool.clientId,
      AuthFlow: 'USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME: email, PASSWORD: password },
    }),
  );
  return AuthenticationResult?.IdToken ?? '';
}

function verifierOf(idTokenClaim?: string) {
  const poolOptions = ({ endpoint, userPoolId, clientId }: Pool) => ({
    userPoolId,
    clientIds: [clientId],
    issuers: [`${endpoint}/${userPoolId}`],
    jwksUri: `${endpoint}/${userPoolId}/.well-known/jwks.json`,
  });
  return createCutoverVerifier({
    legacyPool: poolOptions(legacy),
    newPool: poolOptions(fresh),
    tokenUse: 'id',
    ...(idTokenClaim === undefined ? {} : { legacyId: { idTokenClaim } }),
  });
}

const newPoolUsers = async () =>
  (await fresh.sdk.send(new ListUsersCommand({ UserPoolId: fresh.userPoolId }))).Users ?? [];

beforeAll(async () => {
  lambda = await LambdaEndpoint.start();
  const triggers = {
    UserMigration: 'user-migration',
    PreTokenGeneration: 'pre-token-generation',
    PreSignUp: 'pre-sign-up',
    PostConfirmation: 'post-confirmation',
  };
  emulators = await Promise.all([CognitoLocal.start({}), CognitoLocal.start(triggers, lambda)]);
  const [legacyEndpoint = '', freshEndpoint = ''] = emulators.map((one) => one.endpoint);
  legacy = await createPool(legacyEndpoint, 'legacy');
  fresh = await createPool(freshEndpoint, 'new');

  const legacyPool = { userPoolId: legacy.userPoolId, clientId: legacy.clientId, endpoint: legacy.endpoint };
  const newPool = { endpoint: fresh.endpoint };
  const migrate = createUserMigrationTrigger({ legacyPool, newPool });
  lambda.deploy('user-migration', async (event: UserMigrationTriggerEvent) => {
    const { response, ...rest } = await migrate(event);
    // Cognito gives every user a sub; the emulator leaves out that of migrated ones.
    return { ...rest, response: { ...response, userAttributes: { ...response.userAttributes, sub: randomUUID() } } };
  });
  // A claim that only the trigger can have put there: the attribute's own is in ID tokens anyway.
  lambda.deploy('pre-token-generation', createPreTokenGenerationTrigger({ idTokenClaim: 'legacy_id' }));
  lambda.deploy('pre-sign-up', createPreSignUpTrigger({ legacyPool, newPool }));
  lambda.deploy('post-confirmation', createPostConfirmationTrigger({ legacyPool, newPool }));
});

beforeEach(() => {
  lambda.invocations.length = 0;
});

afterAll(async () => {
  await Promise.all(emulators.map((one) => one.stop()));
  await lambda.close();
});

it('a legacy user signs in at the new pool with the old password, and the API sees the old id', async () => {
  const oldId = await addLegacyUser('anna@example.com');
  const before = await verifierOf('legacy_id').verify(await signIn(legacy, 'anna@example.com'));
  expect(before).toMatchObject({ userId: oldId, pool: 'legacy' });

  const first = await signIn(fresh, 'anna@example.com');
  expect(lambda.invocations).toEqual(['user-migration', 'pre-token-generation']);
  const identity = await verifierOf('legacy_id').verify(first);
  expect(identity).toMatchObject({ userId: oldId, userIdSource: 'claim', pool: 'new' });
  expect(identity.sub).not.toBe(oldId);
  // The attribute itself, for verifiers that read it.
  expect((await verifierOf().verify(first)).userId).toBe(oldId);

  const [anna] = await newPoolUsers();
  expect(anna?.Attributes).toContainEqual({ Name: 'email_verified', Value: 'true' });

  lambda.invocations.length = 0;
  const second = await verifierOf('legacy_id').verify(await signIn(fresh, 'anna@example.com'));
  expect(second).toMatchObject({ userId: oldId, sub: identity.sub });
  expect(lambda.invocations).toEqual(['pre-token-generation']);
});

it('a wrong password moves nobody', async () => {
  await addLegacyUser('bertram@example.com');
  await expect(signIn(fresh, 'bertram@example.com', 'wrong')).rejects.toMatchObject({ name: 'NotAuthorizedException' });
  await expect(signIn(fresh, 'nobody@example.com')).rejects.toMatchObject({ name: 'NotAuthorizedException' });
  expect(lambda.invocations).toEqual(['user-migration', 'user-migration']);
  const emails = (await newPoolUsers()).flatMap((user) => user.Attributes ?? []).map(({ Value }) => Value);
  expect(emails).not.toContain('bertram@example.com');
});

const signUp = (email: string, attributes: Readonly<Record<string, string>> = {}) =>
  fresh.sdk.send(
    new SignUpCommand({
      ClientId: fresh.clientId,
      Username: email,
      Password: PASSWORD,
      UserAttributes: Object.entries({ email, ...attributes }).map(([Name, Value]) => ({ Name, Value })),
    }),
  );

it('nobody signs up in the place of a legacy user who has not moved, nor with a mapping of their choice', async () => {
  const victim = await addLegacyUser('carla@example.com');
  const refusal = { name: 'UserLambdaValidationException', message: expect.stringContaining('not allowed') };
  await expect(signUp('carla@example.com')).rejects.toMatchObject(refusal);
  await expect(signUp('mallory@example.com', { 'custom:legacy_sub': victim })).rejects.toMatchObject(refusal);
  // She still can: her first sign-in moves her.
  expect((await verifierOf().verify(await signIn(fresh, 'carla@example.com'))).userId).toBe(victim);
});

it('somebody new signs up and is who they are from the first token on', async () => {
  await signUp('dora@example.com');
  await fresh.sdk.send(new AdminConfirmSignUpCommand({ UserPoolId: fresh.userPoolId, Username: 'dora@example.com' }));
  expect(lambda.invocations).toEqual(['pre-sign-up', 'post-confirmation']);
  const identity = await verifierOf('legacy_id').verify(await signIn(fresh, 'dora@example.com'));
  expect(identity.userId).toBe(identity.sub);
});

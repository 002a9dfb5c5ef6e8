// User pools of the emulator cognito-local for trials: real HTTP, real tokens, no AWS account.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import {
  AdminCreateUserCommand,
  AdminSetUserPasswordCommand,
  CognitoIdentityProviderClient,
  CreateUserPoolClientCommand,
  CreateUserPoolCommand,
  InitiateAuthCommand,
} from '@aws-sdk/client-cognito-identity-provider';

export const PASSWORD = 'Correct-horse-7';

// The SDK's warning about the Node version matters only for deployments.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

/** Starts the emulator on a free port. It ends with `stop()` or with this process. */
export async function startCognitoLocal() {
  const child = fork(fileURLToPath(new URL('cognito-local-process.mjs', import.meta.url)), {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { ...process.env, AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE: '1' },
  });
  const failure = once(child, 'exit').then(([code]) => {
    throw new Error(`cognito-local did not start (exit code ${code})`);
  });
  const [endpoint] = await Promise.race([once(child, 'message'), failure]);
  const client = new CognitoIdentityProviderClient({
    endpoint,
    region: 'local',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const stop = () => {
    client.destroy();
    child.disconnect();
  };
  return { endpoint, client, stop };
}

/** @typedef {Awaited<ReturnType<typeof startCognitoLocal>>} CognitoLocal */
/** @typedef {Awaited<ReturnType<typeof createPool>>} LocalPool */

/**
 * A user pool with one app client. `options` are the pool's options for a verifier.
 *
 * @param {CognitoLocal} cognito
 * @param {string} name
 * @param {import('@aws-sdk/client-cognito-identity-provider').SchemaAttributeType[]} [customAttributes]
 */
export async function createPool(cognito, name, customAttributes = []) {
  const { UserPool } = await cognito.client.send(
    new CreateUserPoolCommand({ PoolName: name, Schema: customAttributes }),
  );
  const userPoolId = UserPool.Id;
  const clientId = await createAppClient(cognito, userPoolId);
  const issuer = `${cognito.endpoint}/${userPoolId}`;
  const options = {
    userPoolId,
    clientIds: [clientId],
    issuers: [issuer],
    jwksUri: `${issuer}/.well-known/jwks.json`,
  };
  return { userPoolId, clientId, issuer, options };
}

/**
 * Creates an app client and returns its id.
 *
 * @param {CognitoLocal} cognito
 * @param {string} userPoolId
 * @param {Partial<import('@aws-sdk/client-cognito-identity-provider').CreateUserPoolClientCommandInput>} [settings]
 */
export async function createAppClient({ client }, userPoolId, settings = {}) {
  const { UserPoolClient } = await client.send(
    new CreateUserPoolClientCommand({
      UserPoolId: userPoolId,
      ClientName: 'app',
      // Without a list, users of this client could write any attribute, and so become any other user.
      WriteAttributes: ['email'],
      // For sign-in without a browser. A real app client should use SRP or managed login instead.
      ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH'],
      ...settings,
    }),
  );
  return UserPoolClient.ClientId;
}

/**
 * Creates a confirmed user with a verified e-mail address and returns the user's `sub`.
 *
 * @param {CognitoLocal} cognito
 * @param {LocalPool} pool
 * @param {string} username
 * @param {Record<string, string>} [attributes]
 */
export async function addUser({ client }, { userPoolId }, username, attributes = {}) {
  const all = { email: `${username}@example.com`, email_verified: 'true', ...attributes };
  const { User } = await client.send(
    new AdminCreateUserCommand({
      UserPoolId: userPoolId,
      Username: username,
      MessageAction: 'SUPPRESS',
      UserAttributes: Object.entries(all).map(([Name, Value]) => ({ Name, Value })),
    }),
  );
  await client.send(
    new AdminSetUserPasswordCommand({
      UserPoolId: userPoolId,
      Username: username,
      Password: PASSWORD,
      Permanent: true,
    }),
  );
  return User.Attributes.find(({ Name }) => Name === 'sub').Value;
}

/**
 * Signs a user in and returns the ID token.
 *
 * @param {CognitoLocal} cognito
 * @param {{ clientId: string }} app the app client to sign in with
 * @param {string} username
 */
export async function signIn({ client }, { clientId }, username) {
  const { AuthenticationResult } = await client.send(
    new InitiateAuthCommand({
      ClientId: clientId,
      AuthFlow: 'USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME: username, PASSWORD },
    }),
  );
  return AuthenticationResult.IdToken;
}

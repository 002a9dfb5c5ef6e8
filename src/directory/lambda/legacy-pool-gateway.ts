import { createHmac } from 'node:crypto';
import { type Clock, systemClock } from '../../clock.js';
import { checkKeys, checkString, isPlainObject, parseJson } from '../../options.js';
import { toToken, unexpected } from '../answers.js';
import { items } from '../pages.js';
import { from } from '../requests.js';
import { isThrottle } from '../user-types.js';
import { findPoolUsers } from './find-users.js';
import { getPoolUser } from './get-user.js';
import { type Call, CONNECTION_KEYS, checkConnection, PoolClient, type PoolConnection } from './pool-client.js';
import { type RememberOptions, remembered } from './remembered.js';
import type {
  LegacyPoolGateway,
  LegacySignIn,
  LegacyUser,
  MfaConfiguration,
  PoolUser,
  SearchField,
} from './trigger-pools.js';

/** The legacy pool, and how to sign in there. */
export interface LegacyPoolOptions extends PoolConnection {
  /** The id of the legacy pool. */
  readonly userPoolId: string;
  /**
   * App client of the legacy pool with `ALLOW_ADMIN_USER_PASSWORD_AUTH`. Create one that only the trigger uses. Only the user
   * migration trigger needs it.
   */
  readonly clientId?: string;
  /** Its secret, if it has one. Default: none. */
  readonly clientSecret?: string;
}

/**
 * The legacy pool, through the AWS SDK. Permissions on the legacy pool: `cognito-idp:AdminInitiateAuth`, `AdminGetUser` and
 * `DescribeUserPool` for the user migration trigger, `ListUsers` for pre sign-up and post confirmation, and
 * `AdminListGroupsForUser` to copy groups.
 *
 * @throws {@link ConfigurationError}
 */
export function createLegacyPoolGateway(
  options: LegacyPoolOptions,
  clock: Clock = systemClock,
  onFault?: RememberOptions['onFault'],
): LegacyPoolGateway {
  const option = 'legacyPool';
  checkKeys(option, options, ['userPoolId', 'clientId', 'clientSecret', ...CONNECTION_KEYS]);
  checkString(`${option}.userPoolId`, options.userPoolId, 'a user pool id');
  if (options.clientId !== undefined) checkString(`${option}.clientId`, options.clientId);
  if (options.clientSecret !== undefined) checkString(`${option}.clientSecret`, options.clientSecret);
  checkConnection(option, options);
  return new SdkLegacyPool(options, { clock, ...(onFault && { onFault }) });
}

class SdkLegacyPool implements LegacyPoolGateway {
  readonly userPoolId: string;
  readonly mfaConfiguration: (signal: AbortSignal) => Promise<MfaConfiguration>;
  readonly #options: LegacyPoolOptions;
  readonly #pool: PoolClient;

  constructor(options: LegacyPoolOptions, remember: RememberOptions) {
    this.userPoolId = options.userPoolId;
    this.#options = options;
    this.#pool = new PoolClient(options.userPoolId, options, remember.clock);
    this.mfaConfiguration = remembered((signal) => this.#mfaConfiguration(signal), remember);
  }

  async signIn(username: string, password: string, signal: AbortSignal): Promise<LegacySignIn> {
    const { clientId = '', clientSecret } = this.#options;
    const secretHash: Record<string, string> =
      clientSecret === undefined ? {} : { SECRET_HASH: secretHashOf(username, clientId, clientSecret) };
    // A call that may have arrived is not sent again: each attempt can send a message, and counts as another wrong password.
    const send = async ({ client, sdk, options }: Call): Promise<LegacySignIn> => {
      try {
        const answer = await client.send(
          new sdk.AdminInitiateAuthCommand({
            UserPoolId: this.userPoolId,
            ClientId: clientId,
            AuthFlow: 'ADMIN_USER_PASSWORD_AUTH',
            AuthParameters: { USERNAME: username, PASSWORD: password, ...secretHash },
          }),
          options,
        );
        if (answer.ChallengeName !== undefined) return { outcome: 'challenge', challenge: answer.ChallengeName };
        return { outcome: 'signed-in', sub: subOf(answer.AuthenticationResult?.AccessToken) };
      } catch (error) {
        return refusalOf(error);
      }
    };
    return this.#pool.run('AdminInitiateAuth', signal, send, isThrottle);
  }

  getUser(username: string, signal: AbortSignal): Promise<LegacyUser | undefined> {
    return getPoolUser(this.#pool, username, signal);
  }

  findUsers(field: SearchField, value: string, signal: AbortSignal): Promise<readonly PoolUser[]> {
    return findPoolUsers(this.#pool, field, value, signal);
  }

  async groupsOf(username: string, signal: AbortSignal): Promise<readonly string[]> {
    const list = (token: string | undefined) =>
      this.#pool.run('AdminListGroupsForUser', signal, async ({ client, sdk, options }) => {
        const input = { UserPoolId: this.userPoolId, Username: username, ...from(token) };
        const { Groups = [], NextToken } = await client.send(new sdk.AdminListGroupsForUserCommand(input), options);
        return {
          items: Groups.flatMap(({ GroupName }) => GroupName ?? []),
          nextToken: toToken('AdminListGroupsForUser', NextToken),
        };
      });
    const names: string[] = [];
    for await (const name of items(this, list)) names.push(name);
    return names;
  }

  async #mfaConfiguration(signal: AbortSignal): Promise<MfaConfiguration> {
    const { UserPool } = await this.#pool.once('DescribeUserPool', signal, ({ client, sdk, options }) =>
      client.send(new sdk.DescribeUserPoolCommand({ UserPoolId: this.userPoolId }), options),
    );
    const mfa = UserPool?.MfaConfiguration;
    if (mfa === 'OFF' || mfa === 'OPTIONAL' || mfa === 'ON') return mfa;
    unexpected('DescribeUserPool', 'no MFA configuration');
  }
}

/** @see https://docs.aws.amazon.com/cognito/latest/developerguide/signing-up-users-in-your-app.html#cognito-user-pools-computing-secret-hash */
function secretHashOf(username: string, clientId: string, clientSecret: string): string {
  return createHmac('sha256', clientSecret).update(`${username}${clientId}`).digest('base64');
}

/** The `sub` in an access token. It came from Cognito over TLS, so it is not verified again. */
function subOf(accessToken: string | undefined): string {
  const payload = parseJson(Buffer.from(accessToken?.split('.')[1] ?? '', 'base64url').toString());
  const sub = isPlainObject(payload) ? payload['sub'] : undefined;
  if (typeof sub === 'string') return sub;
  unexpected('AdminInitiateAuth', 'no access token with a sub');
}

/**
 * Only exceptions about this user and this password are a refusal. All others are thrown again: if an unknown exception were
 * treated as a wrong password, an outage would lock users out of accounts that are theirs.
 */
function refusalOf(error: unknown): LegacySignIn {
  if (!(error instanceof Error)) throw error;
  switch (error.name) {
    case 'NotAuthorizedException':
      // "Unable to verify secret hash for client" and similar messages report a wrong configuration under the same name.
      if (/secret|client|flow/i.test(error.message)) throw error;
      return { outcome: 'refused' };
    case 'UserNotFoundException':
    // A wrong password, in the emulator cognito-local.
    case 'InvalidPasswordException':
    // The legacy pool's own pre-authentication trigger refused.
    case 'UserLambdaValidationException':
      return { outcome: 'refused' };
    case 'UserNotConfirmedException':
      return { outcome: 'unconfirmed' };
    case 'PasswordResetRequiredException':
      return { outcome: 'reset-required' };
    default:
      throw error;
  }
}

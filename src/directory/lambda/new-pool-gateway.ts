import type { AccountRecoverySettingType } from '@aws-sdk/client-cognito-identity-provider';
import { type Clock, systemClock } from '../../clock.js';
import { toPoolAttribute, unexpected } from '../answers.js';
import { findPoolUsers } from './find-users.js';
import { getPoolUser } from './get-user.js';
import { PoolClient, type PoolConnection } from './pool-client.js';
import { type RememberOptions, remembered } from './remembered.js';
import type {
  Contact,
  LegacyUser,
  NewPoolDescription,
  NewPoolGateway,
  PoolUser,
  SearchField,
} from './trigger-pools.js';

/**
 * The new pool, through the AWS SDK. Permissions: `cognito-idp:DescribeUserPool` for the user migration trigger, and
 * `GetUserPoolMfaConfig` to carry over SMS messages; `ListUsers` for pre sign-up; `ListUsers`, `AdminUpdateUserAttributes` and
 * `AdminDisableUser` for post confirmation, and `AdminAddUserToGroup` to copy groups; `AdminGetUser` for session hand-over.
 */
export function createNewPoolGateway(
  userPoolId: string,
  connection: PoolConnection,
  clock: Clock = systemClock,
  onFault?: RememberOptions['onFault'],
): NewPoolGateway {
  return new SdkNewPool(userPoolId, connection, { clock, ...(onFault && { onFault }) });
}

class SdkNewPool implements NewPoolGateway {
  readonly describe: (signal: AbortSignal) => Promise<NewPoolDescription>;
  readonly offersSmsMfa: (signal: AbortSignal) => Promise<boolean>;
  readonly #userPoolId: string;
  readonly #pool: PoolClient;

  constructor(userPoolId: string, connection: PoolConnection, options: RememberOptions) {
    this.#userPoolId = userPoolId;
    this.#pool = new PoolClient(userPoolId, connection, options.clock);
    this.describe = remembered((signal) => this.#describe(signal), options);
    this.offersSmsMfa = remembered((signal) => this.#offersSmsMfa(signal), options);
  }

  findUsers(field: SearchField, value: string, signal: AbortSignal): Promise<readonly PoolUser[]> {
    return findPoolUsers(this.#pool, field, value, signal);
  }

  getUser(username: string, signal: AbortSignal): Promise<LegacyUser | undefined> {
    return getPoolUser(this.#pool, username, signal);
  }

  async setAttribute(username: string, name: string, value: string, signal: AbortSignal): Promise<void> {
    await this.#pool.run('AdminUpdateUserAttributes', signal, ({ client, sdk, options }) =>
      client.send(
        new sdk.AdminUpdateUserAttributesCommand({
          UserPoolId: this.#userPoolId,
          Username: username,
          UserAttributes: [{ Name: name, Value: value }],
        }),
        options,
      ),
    );
  }

  async disableUser(username: string, signal: AbortSignal): Promise<void> {
    await this.#pool.run('AdminDisableUser', signal, ({ client, sdk, options }) =>
      client.send(new sdk.AdminDisableUserCommand({ UserPoolId: this.#userPoolId, Username: username }), options),
    );
  }

  async addToGroup(username: string, group: string, signal: AbortSignal): Promise<boolean> {
    return this.#pool.run('AdminAddUserToGroup', signal, async ({ client, sdk, options }) => {
      try {
        const input = { UserPoolId: this.#userPoolId, Username: username, GroupName: group };
        await client.send(new sdk.AdminAddUserToGroupCommand(input), options);
        return true;
      } catch (error) {
        if (error instanceof sdk.ResourceNotFoundException) return false;
        throw error;
      }
    });
  }

  async #describe(signal: AbortSignal): Promise<NewPoolDescription> {
    const { UserPool } = await this.#pool.once('DescribeUserPool', signal, ({ client, sdk, options }) =>
      client.send(new sdk.DescribeUserPoolCommand({ UserPoolId: this.#userPoolId }), options),
    );
    // An incomplete answer is refused: it would replace a good one, and it decides who needs no second factor.
    if (!Array.isArray(UserPool?.SchemaAttributes)) unexpected('DescribeUserPool', 'no schema');
    if (UserPool.MfaConfiguration === undefined) unexpected('DescribeUserPool', 'no MFA configuration');
    return {
      attributes: UserPool.SchemaAttributes.map(toPoolAttribute),
      aliasAttributes: UserPool.AliasAttributes ?? [],
      requiresMfa: UserPool.MfaConfiguration === 'ON',
      ...recoveryOf(UserPool.AccountRecoverySetting),
    };
  }

  async #offersSmsMfa(signal: AbortSignal): Promise<boolean> {
    const answer = await this.#pool.once('GetUserPoolMfaConfig', signal, ({ client, sdk, options }) =>
      client.send(new sdk.GetUserPoolMfaConfigCommand({ UserPoolId: this.#userPoolId }), options),
    );
    if (answer.MfaConfiguration === undefined) unexpected('GetUserPoolMfaConfig', 'no MFA configuration');
    const isOn = answer.MfaConfiguration === 'ON' || answer.MfaConfiguration === 'OPTIONAL';
    return isOn && answer.SmsMfaConfiguration?.SmsConfiguration !== undefined;
  }
}

/** Without the setting, a pool sends codes to either contact; with `admin_only`, to none. */
function recoveryOf(setting: AccountRecoverySettingType | undefined): Pick<NewPoolDescription, 'recovery'> {
  if (setting?.RecoveryMechanisms === undefined) return {};
  const names = setting.RecoveryMechanisms.map(({ Name }) => Name);
  const contacts: readonly Contact[] = ['email', 'phone_number'];
  return { recovery: contacts.filter((contact) => names.includes(`verified_${contact}`)) };
}

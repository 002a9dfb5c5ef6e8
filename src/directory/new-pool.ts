import type { SchemaAttributeType } from '@aws-sdk/client-cognito-identity-provider';
import { findPoolUsers, remembered } from './pool-calls.js';
import { PoolClient, type PoolConnection } from './pool-client.js';
import type { NewPoolDescription, NewPoolGateway, PoolAttribute, PoolUser, SearchField } from './trigger-pools.js';

/**
 * The new pool through the AWS SDK. Permissions: `cognito-idp:DescribeUserPool` for the user migration trigger, `ListUsers`
 * for pre sign-up, `AdminUpdateUserAttributes` for post confirmation, and `AdminAddUserToGroup` to copy groups.
 */
export function createNewPoolGateway(userPoolId: string, connection: PoolConnection): NewPoolGateway {
  return new SdkNewPool(userPoolId, connection);
}

class SdkNewPool implements NewPoolGateway {
  readonly describe: (signal: AbortSignal) => Promise<NewPoolDescription>;
  readonly #userPoolId: string;
  readonly #pool: PoolClient;

  constructor(userPoolId: string, connection: PoolConnection) {
    this.#userPoolId = userPoolId;
    this.#pool = new PoolClient(userPoolId, connection);
    this.describe = remembered((signal) => this.#describe(signal));
  }

  findUsers(field: SearchField, value: string, signal: AbortSignal): Promise<readonly PoolUser[]> {
    return findPoolUsers(this.#pool, this.#userPoolId, field, value, signal);
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
    const { UserPool } = await this.#pool.run('DescribeUserPool', signal, ({ client, sdk, options }) =>
      client.send(new sdk.DescribeUserPoolCommand({ UserPoolId: this.#userPoolId }), options),
    );
    return {
      attributes: (UserPool?.SchemaAttributes ?? []).map(toAttribute),
      hasAliases: (UserPool?.AliasAttributes ?? []).length > 0,
      requiresMfa: UserPool?.MfaConfiguration === 'ON',
    };
  }
}

function toAttribute(attribute: SchemaAttributeType): PoolAttribute {
  const { MinLength, MaxLength } = attribute.StringAttributeConstraints ?? {};
  return {
    name: attribute.Name ?? '',
    required: attribute.Required === true,
    ...(MinLength === undefined ? {} : { minLength: Number(MinLength) }),
    ...(MaxLength === undefined ? {} : { maxLength: Number(MaxLength) }),
  };
}

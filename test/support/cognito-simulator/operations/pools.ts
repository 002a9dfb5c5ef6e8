import type {
  AddCustomAttributesRequest,
  DescribeIdentityProviderRequest,
  GetUserPoolMfaConfigRequest,
  ListIdentityProvidersRequest,
  ListResourceServersRequest,
} from '@aws-sdk/client-cognito-identity-provider';
import { invalidParameter, invalidRequest, notFound } from '../errors.js';
import type { Call, Operation } from '../operation.js';
import { pageOf } from '../page-tokens.js';
import { customAttribute } from '../schema.js';
import { wireTimes } from '../users.js';

const MAX_CUSTOM_ATTRIBUTES = 50;
const MAX_NAME_LENGTH = 20;

function describe({ pool }: Call<unknown>): object {
  return {
    UserPool: { ...wireTimes(pool.settings), SchemaAttributes: pool.schema, EstimatedNumberOfUsers: pool.users.size },
  };
}

function addCustomAttributes({ operation, input, pool }: Call<AddCustomAttributesRequest>): object {
  const added = (input.CustomAttributes ?? []).map(customAttribute);
  const custom = pool.schema.filter(({ Name }) => Name?.startsWith('custom:'));
  if (custom.length + added.length > MAX_CUSTOM_ATTRIBUTES) throw invalidParameter('Too many custom attributes.');
  for (const { Name = '', Required } of added) {
    if (Required === true) throw invalidParameter(`Required custom attributes are not supported currently.`);
    if (Name.length - 'custom:'.length > MAX_NAME_LENGTH) {
      throw invalidRequest('customAttributes.1.member.name', 'have length less than or equal to 20');
    }
    if (custom.some((one) => one.Name === Name)) throw invalidParameter(`${Name}: Existing attribute already has name`);
  }
  pool.schema.push(...added);
  for (const { Name = '' } of added) pool.record(operation, '', { [Name]: '' });
  return {};
}

const mfaConfig = ({ pool }: Call<GetUserPoolMfaConfigRequest>): object => ({
  MfaConfiguration: pool.settings.MfaConfiguration,
  ...pool.options.mfaConfig,
});

function listProviders({ input, pool, now }: Call<ListIdentityProvidersRequest>): object {
  const { MaxResults: limit = 60, NextToken: token } = input;
  if (limit > 60) throw invalidRequest('maxResults', 'have value less than or equal to 60');
  const { items, next } = pageOf([...pool.providers.values()], { limit, token, scope: `${pool.id} providers`, now });
  const Providers = items.map(({ ProviderName, ProviderType }) => ({ ProviderName, ProviderType }));
  return { Providers, NextToken: next };
}

function describeProvider({ input, pool }: Call<DescribeIdentityProviderRequest>): object {
  const provider = pool.providers.get(input.ProviderName ?? '');
  if (provider === undefined) throw notFound(`Identity provider ${input.ProviderName} does not exist.`);
  return { IdentityProvider: wireTimes(provider) };
}

function listResourceServers({ input, pool, now }: Call<ListResourceServersRequest>): object {
  const { MaxResults: limit = 50, NextToken: token } = input;
  if (limit > 50) throw invalidRequest('maxResults', 'have value less than or equal to 50');
  const scope = `${pool.id} resource servers`;
  const { items, next } = pageOf(pool.options.resourceServers ?? [], { limit, token, scope, now });
  return { ResourceServers: items, NextToken: next };
}

export const poolOperations = {
  DescribeUserPool: { category: 'UserPoolRead', run: describe },
  AddCustomAttributes: { category: 'UserPoolResourceUpdate', write: true, run: addCustomAttributes },
  GetUserPoolMfaConfig: { category: 'UserPoolResourceRead', run: mfaConfig },
  ListIdentityProviders: { category: 'UserPoolResourceRead', run: listProviders },
  DescribeIdentityProvider: { category: 'UserPoolResourceRead', run: describeProvider },
  ListResourceServers: { category: 'UserPoolResourceRead', run: listResourceServers },
} satisfies Record<string, Operation>;

import type {
  GetUserPoolMfaConfigCommandOutput,
  GroupType,
  IdentityProviderType,
  LimitType,
  ResourceServerType,
  UserPoolClientType,
  UserPoolReplicaType,
  UserPoolType,
} from '@aws-sdk/client-cognito-identity-provider';
import type { Page } from './user-types.js';

export type {
  GroupType,
  IdentityProviderType,
  LambdaConfigType,
  LimitType,
  ResourceServerType,
  SchemaAttributeType,
  SmsConfigurationType,
  UserPoolClientType,
  UserPoolReplicaType,
  UserPoolType,
} from '@aws-sdk/client-cognito-identity-provider';

/** Second factors as GetUserPoolMfaConfig returns them. */
export type MfaConfig = Omit<GetUserPoolMfaConfigCommandOutput, '$metadata'>;

/**
 * The configuration of one user pool, read through its API. Results are Cognito's own answers. As with `UserDirectory`, every
 * method makes one attempt of one call, and every rejection is a `DirectoryError` or the signal's reason.
 */
export interface PoolReader {
  readonly userPoolId: string;
  /** The Region that calls are sent to. */
  region(): Promise<string>;
  describePool(signal?: AbortSignal): Promise<UserPoolType>;
  mfaConfig(signal?: AbortSignal): Promise<MfaConfig>;
  /** One page of app client ids. */
  listClientIds(token?: string, signal?: AbortSignal): Promise<Page<string>>;
  /** `undefined` if the app client no longer exists. */
  describeClient(clientId: string, signal?: AbortSignal): Promise<UserPoolClientType | undefined>;
  /** One page of identity provider names. */
  listProviderNames(token?: string, signal?: AbortSignal): Promise<Page<string>>;
  /** `undefined` if the identity provider no longer exists. */
  describeProvider(name: string, signal?: AbortSignal): Promise<IdentityProviderType | undefined>;
  listResourceServers(token?: string, signal?: AbortSignal): Promise<Page<ResourceServerType>>;
  listGroups(token?: string, signal?: AbortSignal): Promise<Page<GroupType>>;
  listReplicas(token?: string, signal?: AbortSignal): Promise<Page<UserPoolReplicaType>>;
  /**
   * The quota of a category of operations (`UserAuthentication`, …), in requests per second. It belongs to the account and
   * Region, not to the pool. `undefined` for a category that Cognito does not have in the Region.
   */
  quota(category: string, signal?: AbortSignal): Promise<LimitType | undefined>;
  /** Closes connections. */
  close(): void;
}

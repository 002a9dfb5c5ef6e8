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

/** Second factors as GetUserPoolMfaConfig answers them. */
export type MfaConfig = Omit<GetUserPoolMfaConfigCommandOutput, '$metadata'>;

/**
 * The configuration of one user pool, read through its API. Answers are Cognito's own, unjudged. As of `UserDirectory`:
 * every method is one attempt of one call, and every rejection is a `DirectoryError` or the signal's reason.
 */
export interface PoolReader {
  readonly userPoolId: string;
  /** The Region that calls go to. */
  region(): Promise<string>;
  describePool(signal?: AbortSignal): Promise<UserPoolType>;
  mfaConfig(signal?: AbortSignal): Promise<MfaConfig>;
  /** One page of app client ids. */
  listClientIds(token?: string, signal?: AbortSignal): Promise<Page<string>>;
  /** Answers `undefined` when the app client is gone. */
  describeClient(clientId: string, signal?: AbortSignal): Promise<UserPoolClientType | undefined>;
  /** One page of identity provider names. */
  listProviderNames(token?: string, signal?: AbortSignal): Promise<Page<string>>;
  /** Answers `undefined` when the identity provider is gone. */
  describeProvider(name: string, signal?: AbortSignal): Promise<IdentityProviderType | undefined>;
  listResourceServers(token?: string, signal?: AbortSignal): Promise<Page<ResourceServerType>>;
  listGroups(token?: string, signal?: AbortSignal): Promise<Page<GroupType>>;
  listReplicas(token?: string, signal?: AbortSignal): Promise<Page<UserPoolReplicaType>>;
  /**
   * The quota of a category of operations (`UserAuthentication`, …), in requests per second. It is the account's and the
   * Region's, not the pool's. Answers `undefined` for a category that Cognito does not know there.
   */
  quota(category: string, signal?: AbortSignal): Promise<LimitType | undefined>;
  /** Closes connections. */
  close(): void;
}

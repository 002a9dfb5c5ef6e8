import type { UserDirectory } from './types.js';

/** Where a pool is and how to sign calls to it. What is omitted is found as by the AWS CLI. */
export interface UserDirectoryOptions {
  readonly userPoolId: string;
  /** @defaultValue the Region in the pool id, then the profile's or the environment's */
  readonly region?: string;
  /** Profile of the shared AWS configuration. Default: the SDK's default chain. */
  readonly profile?: string;
  /** Role to assume with the credentials found. Default: none. */
  readonly roleArn?: string;
  /** Address of an emulator or a VPC endpoint. Default: AWS's own. */
  readonly endpoint?: string;
  /** Time limit of one call, in milliseconds. @defaultValue 10000 */
  readonly timeoutMs?: number;
}

/** @throws {@link ConfigurationError} */
export function createUserDirectory(_options: UserDirectoryOptions): UserDirectory {
  throw new Error('not there yet');
}

import {
  CognitoIdentityProviderClient,
  ListUsersCommand,
  type UserType,
} from '@aws-sdk/client-cognito-identity-provider';
import { onTestFinished } from 'vitest';
import { type Simulator, type SimulatorOptions, startSimulator } from './index.js';

/** The real client, without retries, for one test. */
export function sdkClient(endpoint: string, accessKeyId = 'AKIATEST'): CognitoIdentityProviderClient {
  const credentials = { accessKeyId, secretAccessKey: 'secret' };
  const client = new CognitoIdentityProviderClient({ endpoint, region: 'eu-west-1', maxAttempts: 1, credentials });
  onTestFinished(() => client.destroy());
  return client;
}

/** A simulator without quotas, unless they are given, for one test. */
export async function started(
  options: SimulatorOptions,
): Promise<{ simulator: Simulator; client: CognitoIdentityProviderClient }> {
  const simulator = await startSimulator({ quotas: null, ...options });
  onTestFinished(() => simulator.close());
  return { simulator, client: sdkClient(simulator.endpoint) };
}

/** Every page of a listing. */
export async function listAll(
  client: CognitoIdentityProviderClient,
  input: { UserPoolId: string; Filter?: string },
): Promise<{ users: UserType[]; pages: number[] }> {
  const users: UserType[] = [];
  const pages: number[] = [];
  let PaginationToken: string | undefined;
  do {
    const page = await client.send(new ListUsersCommand({ ...input, PaginationToken, Limit: 60 }));
    users.push(...(page.Users ?? []));
    pages.push(page.Users?.length ?? 0);
    PaginationToken = page.PaginationToken;
  } while (PaginationToken !== undefined);
  return { users, pages };
}

/** So many plain users `u0`, `u1`, … */
export const people = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ username: `u${n}`, attributes: { email: `u${n}@example.com` } }));

/**
 * Measures the SDK alone: lists pools in 16 shards each, a few at a time, and does nothing with the users.
 *
 *     npx tsx bench/bare-listing.ts ENDPOINT POOL…
 */
import { CognitoIdentityProviderClient, ListUsersCommand } from '@aws-sdk/client-cognito-identity-provider';

const AT_A_TIME = 4;
/** Enough for a steady figure. */
const MOST_PAGES = 4000;
const [endpoint = '', ...pools] = process.argv.slice(2);
const client = new CognitoIdentityProviderClient({ endpoint, region: 'eu-west-1' });
const shards = pools.flatMap((UserPoolId) =>
  [...'0123456789abcdef'].map((digit) => ({ UserPoolId, Filter: `sub ^= "${digit}"`, Limit: 60 })),
);
let pages = 0;

async function listShards(): Promise<void> {
  for (let shard = shards.shift(); shard !== undefined && pages < MOST_PAGES; shard = shards.shift()) {
    let PaginationToken: string | undefined;
    do {
      const page = await client.send(new ListUsersCommand({ ...shard, PaginationToken }));
      pages++;
      PaginationToken = page.PaginationToken;
    } while (PaginationToken !== undefined && pages < MOST_PAGES);
  }
}

const before = process.cpuUsage();
await Promise.all(Array.from({ length: AT_A_TIME }, listShards));
const { user, system } = process.cpuUsage(before);
console.log(JSON.stringify({ pages, cpuSeconds: (user + system) / 1e6 }));

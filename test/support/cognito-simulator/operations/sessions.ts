import type { AdminListUserSessionsRequest } from '@aws-sdk/client-cognito-identity-provider';
import { invalidParameter } from '../errors.js';
import type { Call, Operation } from '../operation.js';
import { pageOf } from '../page-tokens.js';
import { wireTimes } from '../users.js';
import { namedUser } from './users.js';

/** Cognito's page has 125: so few of them make a second page likely. */
const PAGE_SIZE = 2;

const configuration = ({ pool }: Call<unknown>): object => ({
  UserPoolId: pool.id,
  UserSessionTracking: pool.options.sessions === undefined ? 'DISABLED' : 'ENABLED',
  TokenSession: { MaxPerUser: 20 },
});

function list({ input, pool, now }: Call<AdminListUserSessionsRequest>): object {
  const { username } = namedUser(pool, input.Username);
  if (pool.options.sessions === undefined) throw invalidParameter('Session tracking is not enabled.');
  const sessions = pool.options.sessions[username] ?? [];
  const scope = `${pool.id} sessions of ${username}`;
  const { items, next } = pageOf(sessions, { limit: PAGE_SIZE, token: input.NextToken, scope, now });
  return {
    Sessions: items.map((session) => wireTimes({ LastActiveDate: new Date(now), ...session })),
    NextToken: next,
  };
}

export const sessionOperations = {
  GetUserPoolSessionConfiguration: { category: 'UserPoolRead', run: configuration },
  AdminListUserSessions: { category: 'UserRead', run: list },
} satisfies Record<string, Operation>;

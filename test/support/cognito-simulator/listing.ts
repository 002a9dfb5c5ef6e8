import { parseFilter } from './filter.js';
import { issueToken, readToken } from './page-tokens.js';
import type { SimulatedPool } from './pool.js';
import type { SimulatedUser } from './users.js';

const HOUR_MS = 3_600_000;
const REPEATED_USERS = 3;

/** A page of ListUsers with the oddities the pool is set to. */
export function listUsers(
  pool: SimulatedPool,
  request: { limit: number; filter: string | undefined; token: string | undefined; now: number },
): { users: SimulatedUser[]; token: string | undefined } {
  const { emptyPages, shortPages, repeats, ...faults } = pool.listing;
  const parsed = parseFilter(request.filter);
  const filter = faults.ignoreFilter === true ? undefined : parsed;
  const scope = `${pool.id} ${request.filter ?? ''}`;
  const { position, previous } =
    request.token === undefined
      ? { position: 0, previous: undefined }
      : readToken(request.token, scope, request.now, faults.tokenLifetimeMs ?? HOUR_MS);
  const start = faults.ignorePaging === true ? 0 : position;
  const everything = faults.ignoreLimit === true || faults.ignorePaging === true;
  const limit = everything ? Number.POSITIVE_INFINITY : request.limit;

  const chance = (share = 0) => share > 0 && pool.random() < share;
  if (chance(emptyPages)) return { users: [], token: issueToken(scope, { position, previous }, request.now) };
  const wanted = chance(shortPages) ? Math.ceil(request.limit * pool.random()) : limit;
  const repeated =
    previous !== undefined && wanted > REPEATED_USERS && chance(repeats)
      ? pool.users.page(filter, previous, REPEATED_USERS).users
      : [];
  const { users, next } = pool.users.page(filter, start, wanted - repeated.length);
  return {
    users: repeated.length === 0 ? users : [...repeated, ...users],
    token: next === undefined ? undefined : issueToken(scope, { position: next, previous: start }, request.now),
  };
}

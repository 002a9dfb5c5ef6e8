import type { Sqlite } from '../state/sqlite.js';

/** How many planned users may share a prefix. Together with newer users, they still fit into one page of 60. */
const MOST_SHARING = 45;

const COUNTED = `SELECT count(*) FROM (SELECT 1 FROM new_users WHERE sub >= ?1 AND sub < ?1 || char(1114111)
  LIMIT ${MOST_SHARING + 1})`;

/**
 * Returns the shortest beginning of a `sub` that at most one page of the plan's users share. Subs are random, so it is nearly always as
 * long as the last one.
 */
export function prefixes(db: Sqlite): (sub: string) => string {
  let length = 0;
  return (sub) => {
    const fits = (tried: number) => db.count(COUNTED, sub.slice(0, tried)) <= MOST_SHARING;
    while (length > 0 && fits(length - 1)) length -= 1;
    while (length < sub.length && !fits(length)) length += 1;
    return sub.slice(0, length);
  };
}

import { expect, it } from 'vitest';
import { type PoolSessions, sessionReasons } from '../../../../src/operate/drain/report/live-sessions.js';

const pool: PoolSessions = {
  ...{ userPoolId: 'eu-west-1_Old', tracked: true, users: 500, usersWithSessions: 0, complete: true },
  clients: [],
};
const clients = [{ clientId: 'web', sessions: 2, lastActiveAt: null }];

it('a live session is a reason', () => {
  expect(sessionReasons({ ...pool, usersWithSessions: 1, clients })).toEqual([
    '1 user of eu-west-1_Old has live sessions (2 sessions of web), with which they can get new tokens.',
  ]);
});

it('says when there may be more users than were found', () => {
  const [reason] = sessionReasons({ ...pool, complete: false, usersWithSessions: 100, clients });
  expect(reason).toMatch(/^At least 100 users of eu-west-1_Old have live sessions/);
});

it('no live session is none', () => {
  expect(sessionReasons(pool)).toEqual([]);
});

it('not to be able to list them is a reason', () => {
  const [reason] = sessionReasons({ ...pool, tracked: false });
  expect(reason).toMatch(/cannot be listed, because the pool does not track sessions/);
});

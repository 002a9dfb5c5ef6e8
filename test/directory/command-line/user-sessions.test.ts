import { expect, it, onTestFinished } from 'vitest';
import { createSessionReader } from '../../../src/directory/command-line/user-sessions.js';
import { items } from '../../../src/directory/pages.js';
import { LEGACY_POOL, type PoolOptions } from '../../support/cognito-simulator/index.js';
import { started } from '../../support/cognito-simulator/testing.js';

async function reader(pool: Omit<PoolOptions, 'id'>) {
  const { simulator } = await started({ pools: [{ id: LEGACY_POOL, users: [{ username: 'ann' }], ...pool }] });
  const sessions = createSessionReader({ userPoolId: LEGACY_POOL, endpoint: simulator.endpoint });
  onTestFinished(() => sessions.close());
  return sessions;
}

it('reads every session of a user, over several pages', async () => {
  const LastActiveDate = new Date('2026-01-15T12:00:00Z');
  const ann = ['web', 'app', 'tv'].map((ClientId) => ({ ClientId, SessionType: 'TOKEN' as const, LastActiveDate }));
  const sessions = await reader({ sessions: { ann } });
  expect(await sessions.isTracked()).toBe(true);
  const found: unknown[] = [];
  for await (const one of items(sessions, (token) => sessions.sessionsOf('ann', token))) found.push(one);
  expect(found).toEqual(['web', 'app', 'tv'].map((clientId) => ({ clientId, lastActiveAt: LastActiveDate })));
});

it('tells when sessions are not tracked', async () => {
  expect(await (await reader({})).isTracked()).toBe(false);
});

it('names no user in a failure', async () => {
  const sessions = await reader({ sessions: {} });
  await expect(sessions.sessionsOf('bob')).rejects.toMatchObject({
    kind: 'user-not-found',
    message: expect.not.stringContaining('bob'),
  });
});

it('says when the permission is missing', async () => {
  const sessions = await reader({ sessions: {}, deny: ['GetUserPoolSessionConfiguration'] });
  await expect(sessions.isTracked()).rejects.toMatchObject({ kind: 'credentials' });
});

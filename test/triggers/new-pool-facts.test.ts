import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createUserMigrationTrigger, type UserMigrationTriggerOptions } from '../../src/triggers/user-migration.js';
import { started } from '../support/cognito-simulator/testing.js';
import { fails, LEGACY_POOL, type MemberInput, MemoryPool, NEW_POOL, PASSWORD, signInEvent } from './support.js';

const MAPPING = { name: 'custom:legacy_sub', maxLength: 2048 };
let legacyPool: MemoryPool;

beforeEach(() => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIATEST');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
  legacyPool = new MemoryPool(LEGACY_POOL);
});

const anna: MemberInput = {
  username: 'anna',
  password: PASSWORD,
  attributes: { email: 'anna@example.com', email_verified: 'true', given_name: 'Anna' },
};

/** A new pool with Cognito's quotas, behind functions that have just started. */
async function launched(newPool: UserMigrationTriggerOptions['newPool'] = {}) {
  const { simulator } = await started({ pools: [{ id: NEW_POOL, customAttributes: ['legacy_sub'] }], quotas: {} });
  const start = () => createUserMigrationTrigger({ legacyPool, newPool: { endpoint: simulator.endpoint, ...newPool } });
  return { start, described: () => simulator.stats.of('DescribeUserPool') };
}

describe('newPool.attributes', () => {
  it('lets sixty functions start in one second, and none of them ask', async () => {
    const { start, described } = await launched({ attributes: [{ name: 'email' }, MAPPING], aliasAttributes: [] });
    const { sub } = legacyPool.add(anna);
    const moved = await Promise.all(Array.from({ length: 60 }, () => start()(signInEvent('anna@example.com'))));
    for (const { response } of moved) {
      expect(response.userAttributes).toEqual({
        email: 'anna@example.com',
        email_verified: 'true',
        'custom:legacy_sub': sub,
      });
    }
    expect(described().attempts).toBe(0);
  });

  it('does not guess what it does not say: whether an address is an alias is asked for', async () => {
    const { start, described } = await launched({ attributes: [{ name: 'email' }, MAPPING] });
    legacyPool.add(anna);
    await start()(signInEvent('anna'));
    expect(described().attempts).toBe(0);
    await start()(signInEvent('anna@example.com'));
    expect(described().accepted).toBe(1);
  });
});

describe('without it', () => {
  it('the pool is asked once for as many sign-ins as come, and never for a wrong password', async () => {
    const { start, described } = await launched();
    legacyPool.add(anna);
    const trigger = start();
    await expect(trigger(signInEvent('anna', 'wrong'))).rejects.toMatchObject({ code: 'ERR_SIGN_IN_REFUSED' });
    expect(described().attempts).toBe(0);
    await Promise.all(Array.from({ length: 20 }, () => trigger(signInEvent('anna'))));
    expect(described().attempts).toBe(1);
  });

  it('functions that start together all move their user', async () => {
    const { start, described } = await launched();
    legacyPool.add(anna);
    const moved = await Promise.all(Array.from({ length: 8 }, () => start()(signInEvent('anna'))));
    expect(moved.map(({ response }) => response.finalUserStatus)).toEqual(Array(8).fill('CONFIRMED'));
    expect(described().accepted).toBe(8);
  });

  it('nobody is moved on a guess', async () => {
    const newPool = new MemoryPool(NEW_POOL);
    newPool.faults = { describe: fails(new Error('throttled')) };
    legacyPool.add(anna);
    const event = signInEvent('anna');
    await expect(createUserMigrationTrigger({ legacyPool, newPool })(event)).rejects.toMatchObject({
      code: 'ERR_NEW_POOL_UNAVAILABLE',
    });
    expect(event.response.userAttributes).toEqual({});
  });
});

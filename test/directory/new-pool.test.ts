import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createNewPoolGateway } from '../../src/directory/new-pool.js';
import type { PoolOptions } from '../support/cognito-simulator/index.js';
import { started } from '../support/cognito-simulator/testing.js';
import { scriptedPool } from './scripted-pool.js';

const POOL = 'eu-west-1_New456789';
const signal = new AbortController().signal;

beforeEach(() => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIATEST');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
});

async function simulated(more: Partial<PoolOptions> = {}) {
  const { simulator } = await started({
    pools: [
      {
        id: POOL,
        customAttributes: ['legacy_sub'],
        users: [{ username: 'anna', attributes: { email: 'anna@example.com' } }],
        groups: [{ GroupName: 'staff' }],
        ...more,
      },
    ],
  });
  return { gateway: createNewPoolGateway(POOL, { endpoint: simulator.endpoint }), simulator };
}

describe('describing the pool', () => {
  it('tells the schema with its limits, aliases and whether a second factor is demanded', async () => {
    const { gateway } = await simulated({
      settings: { AliasAttributes: ['email'], MfaConfiguration: 'ON' },
      customAttributes: [
        {
          Name: 'legacy_sub',
          AttributeDataType: 'String',
          Mutable: true,
          StringAttributeConstraints: { MaxLength: '36' },
        },
      ],
    });
    const description = await gateway.describe(signal);
    expect(description).toMatchObject({ hasAliases: true, requiresMfa: true });
    const byName = new Map(description.attributes.map((one) => [one.name, one]));
    expect(byName.get('custom:legacy_sub')).toMatchObject({ required: false, maxLength: 36 });
    expect(byName.has('email')).toBe(true);
  });

  it('asks once, also when it is asked twice at the same time', async () => {
    const { gateway, simulator } = await simulated();
    await Promise.all([gateway.describe(signal), gateway.describe(signal)]);
    await gateway.describe(signal);
    expect(simulator.stats.of('DescribeUserPool').accepted).toBe(1);
  });

  it('takes an answer that says nothing for a pool without attributes', async () => {
    const { endpoint } = await scriptedPool(() => ({}));
    expect(await createNewPoolGateway(POOL, { endpoint }).describe(signal)).toEqual({
      attributes: [],
      hasAliases: false,
      requiresMfa: false,
    });
  });
});

describe('writing', () => {
  it('sets one attribute and leaves the others', async () => {
    const { gateway, simulator } = await simulated();
    await gateway.setAttribute('anna', 'custom:legacy_sub', 'x', signal);
    expect(simulator.pool(POOL).user('anna')?.attributes).toMatchObject({
      email: 'anna@example.com',
      'custom:legacy_sub': 'x',
    });
    await expect(gateway.setAttribute('nobody', 'custom:legacy_sub', 'x', signal)).rejects.toMatchObject({
      kind: 'user-not-found',
    });
  });

  it('adds to a group, and says when there is none of the name', async () => {
    const { gateway } = await simulated();
    expect(await gateway.addToGroup('anna', 'staff', signal)).toBe(true);
    expect(await gateway.addToGroup('anna', 'staff', signal)).toBe(true);
    expect(await gateway.addToGroup('anna', 'nobody-made-it', signal)).toBe(false);
    await expect(gateway.addToGroup('nobody', 'staff', signal)).rejects.toMatchObject({ kind: 'user-not-found' });
  });

  it('finds users by address', async () => {
    const { gateway } = await simulated();
    expect(await gateway.findUsers('email', 'anna@example.com', signal)).toMatchObject([{ username: 'anna' }]);
  });
});

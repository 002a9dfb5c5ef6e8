import { describe, expect, it, vi } from 'vitest';
import { createNewPoolGateway } from '../../../src/directory/lambda/new-pool-gateway.js';
import type { PoolOptions } from '../../support/cognito-simulator/index.js';
import { started } from '../../support/cognito-simulator/testing.js';
import { FakeClock } from '../../support/fake-clock.js';
import { scriptedPool } from '../scripted-pool.js';

const POOL = 'eu-west-1_New456789';
const signal = new AbortController().signal;

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

/** What every pool says of itself at least. */
const atLeast = { SchemaAttributes: [], MfaConfiguration: 'ON' };

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
    expect(description).toMatchObject({ aliasAttributes: ['email'], requiresMfa: true, recovery: ['email'] });
    const byName = new Map(description.attributes.map((one) => [one.name, one]));
    expect(byName.get('custom:legacy_sub')).toMatchObject({ required: false, maxLength: 36 });
    expect(byName.has('email')).toBe(true);
  });

  it('tells types and ranges', async () => {
    const { gateway } = await simulated({
      customAttributes: [
        { Name: 'level', AttributeDataType: 'Number', NumberAttributeConstraints: { MinValue: '1', MaxValue: '10' } },
        { Name: 'open', AttributeDataType: 'Number', NumberAttributeConstraints: { MaxValue: '' } },
        { Name: 'agreed', AttributeDataType: 'Boolean' },
      ],
    });
    const { attributes } = await gateway.describe(signal);
    expect(attributes.slice(-3)).toEqual([
      { name: 'custom:level', type: 'Number', required: false, minValue: 1, maxValue: 10 },
      { name: 'custom:open', type: 'Number', required: false },
      { name: 'custom:agreed', type: 'Boolean', required: false },
    ]);
  });

  it.each([
    [undefined, undefined],
    [['verified_email'], ['email']],
    [
      ['verified_phone_number', 'verified_email'],
      ['email', 'phone_number'],
    ],
    [['admin_only'], []],
  ] as const)('tells where a reset code goes: %j, %j', async (names, recovery) => {
    const RecoveryMechanisms = names?.map((Name, index) => ({ Name, Priority: index + 1 }));
    const { endpoint } = await scriptedPool(() => ({
      UserPool: { ...atLeast, ...(names === undefined ? {} : { AccountRecoverySetting: { RecoveryMechanisms } }) },
    }));
    expect((await createNewPoolGateway(POOL, { endpoint }).describe(signal)).recovery).toEqual(recovery);
  });

  it('rides over a launch, at which more functions ask than the pool answers', async () => {
    const { gateway, simulator } = await simulated();
    simulator.faults.set([{ kind: 'throttle', operations: ['DescribeUserPool'], times: 3 }]);
    await expect(gateway.describe(signal)).resolves.toMatchObject({ requiresMfa: false });
  });

  it('serves what it knows while the pool is throttled', async () => {
    const clock = new FakeClock();
    const { simulator } = await simulated();
    const gateway = createNewPoolGateway(POOL, { endpoint: simulator.endpoint }, clock);
    const known = await gateway.describe(signal);
    simulator.faults.set([{ kind: 'throttle' }]);
    await clock.advance(400_000);
    expect(await gateway.describe(signal)).toBe(known);
    expect(simulator.stats.of('DescribeUserPool').attempts).toBe(2);
  });

  it('asks once, also when it is asked twice at the same time', async () => {
    const { gateway, simulator } = await simulated();
    await Promise.all([gateway.describe(signal), gateway.describe(signal)]);
    await gateway.describe(signal);
    expect(simulator.stats.of('DescribeUserPool').accepted).toBe(1);
  });

  it.each([
    ['no pool', {}],
    ['no schema', { UserPool: { MfaConfiguration: 'OFF' } }],
    ['no MFA configuration', { UserPool: { SchemaAttributes: [] } }],
  ])('takes half an answer for none, and keeps what it knows: %s', async (_name, answered) => {
    let answer: object = { UserPool: atLeast };
    const { endpoint } = await scriptedPool(() => answer);
    const clock = new FakeClock();
    const onFault = vi.fn();
    const gateway = createNewPoolGateway(POOL, { endpoint }, clock, onFault);
    const known = await gateway.describe(signal);
    answer = answered;
    await clock.advance(400_000);
    expect(await gateway.describe(signal)).toBe(known);
    expect(onFault).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ kind: 'answer' }));
    await expect(createNewPoolGateway(POOL, { endpoint }).describe(signal)).rejects.toMatchObject({ kind: 'answer' });
  });
});

describe('SMS messages as a second factor', () => {
  const SmsMfaConfiguration = { SmsConfiguration: { SnsCallerArn: 'arn:aws:iam::1:role/sms' } };

  it.each([
    ['ON', { SmsMfaConfiguration }, true],
    ['OPTIONAL', { SmsMfaConfiguration }, true],
    ['OFF', { SmsMfaConfiguration }, false],
    ['ON', { SmsMfaConfiguration: {} }, false],
    ['ON', { SoftwareTokenMfaConfiguration: { Enabled: true } }, false],
  ] as const)('%s with %j: %s', async (MfaConfiguration, mfaConfig, expected) => {
    const { gateway } = await simulated({ settings: { MfaConfiguration }, mfaConfig });
    expect(await gateway.offersSmsMfa(signal)).toBe(expected);
  });

  it('are not taken for absent where the answer says nothing', async () => {
    const { endpoint } = await scriptedPool(() => ({}));
    const gateway = createNewPoolGateway(POOL, { endpoint });
    await expect(gateway.offersSmsMfa(signal)).rejects.toMatchObject({ kind: 'answer' });
  });

  it('are not taken for absent while the pool cannot tell', async () => {
    const { gateway, simulator } = await simulated();
    simulator.faults.set([{ kind: 'error', type: 'AccessDeniedException' }]);
    await expect(gateway.offersSmsMfa(signal)).rejects.toMatchObject({ kind: 'credentials' });
  });
});

describe('writing', () => {
  it('disables a user', async () => {
    const { endpoint, calls } = await scriptedPool(() => ({}));
    await createNewPoolGateway(POOL, { endpoint }).disableUser('anna', signal);
    expect(calls).toMatchObject([{ operation: 'AdminDisableUser', input: { UserPoolId: POOL, Username: 'anna' } }]);
  });

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

describe('getting a user', () => {
  it('tells whether they are enabled, and their second factors', async () => {
    const users = [{ username: 'bert', enabled: false, mfa: ['SMS_MFA'] as const }];
    const { gateway } = await simulated({ users });
    expect(await gateway.getUser('bert', signal)).toMatchObject({ enabled: false, factors: ['SMS_MFA'] });
    expect(await gateway.getUser('cora', signal)).toBeUndefined();
  });
});

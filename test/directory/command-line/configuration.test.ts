import { expect, it, onTestFinished } from 'vitest';
import { configurationCalls } from '../../../src/directory/command-line/configuration.js';
import { connect } from '../../../src/directory/command-line/connect.js';
import { exception, type ReceivedCall, scriptedPool } from '../scripted-pool.js';

const POOL = 'eu-west-1_Pool';

async function configuration(answer: (call: ReceivedCall) => object) {
  const { endpoint, calls } = await scriptedPool(answer);
  const connection = connect({ userPoolId: POOL, endpoint });
  onTestFinished(() => connection.client.destroy());
  return { calls: configurationCalls(connection), received: calls };
}

const LISTS = ['listClientIds', 'listProviderNames', 'listGroups'] as const;

it.each(LISTS)('%s asks for the largest page, from the token on', async (list) => {
  const all = { UserPoolClients: [], Providers: [], Groups: [], NextToken: 'c' };
  const { calls, received } = await configuration(() => all);
  expect(await calls[list]('b')).toEqual({ items: [], nextToken: 'c' });
  const size = list === 'listGroups' ? { Limit: 60 } : { MaxResults: 60 };
  expect(received[0]?.input).toEqual({ UserPoolId: POOL, ...size, NextToken: 'b' });
});

it.each(LISTS)('%s says whether it is the token that was refused', async (list) => {
  const { calls } = await configuration(() => exception('InvalidParameterException'));
  await expect(calls[list]('b')).rejects.toMatchObject({ kind: 'token' });
  await expect(calls[list]()).rejects.toMatchObject({ kind: 'invalid' });
});

it.each([...LISTS, 'describePool', 'describeClient', 'describeProvider'] as const)(
  '%s never takes half an answer for one',
  async (call) => {
    const { calls } = await configuration(() => ({}));
    const answer = call === 'describePool' ? calls.describePool() : calls[call]('x');
    await expect(answer).rejects.toMatchObject({ kind: 'answer' });
  },
);

import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { expect, it, onTestFinished, vi } from 'vitest';
import { openLegacyIdSources } from '../../../../src/cli/commands/forward-auth/legacy-id-sources.js';
import type { LegacyIdSource } from '../../../../src/cli/options/verifier-options.js';
import { systemClock } from '../../../../src/clock.js';
import { queryOf } from '../../../legacy-id/support.js';
import { NEW_POOL } from '../../../support/cognito-simulator/index.js';
import { started } from '../../../support/cognito-simulator/testing.js';
import { startDynamoDb } from '../../../support/dynamodb.js';

const MAPPED = { username: 'mapped', sub: 'sub-mapped', attributes: { 'custom:old_id': 'of the attribute' } };
const UNMAPPED = { username: 'unmapped', sub: 'sub-unmapped' };

/** The sources as forward-auth opens them, with the credentials of its environment; and what Cognito and DynamoDB were asked. */
async function opened(kinds: readonly ('DynamoDB' | 'AdminGetUser' | 'GetUser')[], profile?: string) {
  for (const [name, value] of [
    ['AWS_ACCESS_KEY_ID', 'test'],
    ['AWS_SECRET_ACCESS_KEY', 'test'],
  ] as const) {
    vi.stubEnv(name, value);
  }
  onTestFinished(() => void vi.unstubAllEnvs());
  const { simulator } = await started({
    pools: [{ id: NEW_POOL, customAttributes: ['old_id'], users: [MAPPED, UNMAPPED] }],
  });
  const database = kinds.includes('DynamoDB') ? await startDynamoDb() : undefined;
  if (database !== undefined) onTestFinished(() => database.stop());
  const source = (kind: (typeof kinds)[number]): LegacyIdSource => {
    if (kind !== 'DynamoDB') return kind;
    const { tableName = '', endpoint = '' } = database ?? {};
    return { kind: 'dynamodb', name: 'dynamodb', tableName, region: 'eu-west-1', endpoint };
  };
  const resolve = await openLegacyIdSources(kinds.map(source), {
    ...{ clock: systemClock, attribute: 'custom:old_id', onTrouble: () => {}, onEnd: (end) => onTestFinished(end) },
    newPool: { userPoolId: NEW_POOL, region: undefined, profile, roleArn: undefined, endpoint: simulator.endpoint },
  });
  const ask = ({ sub, username }: { readonly sub: string; readonly username: string }) =>
    resolve?.(queryOf({ sub, username, token: `sim-access:${sub}` }));
  return { ask, simulator, database };
}

it.each(['AdminGetUser', 'GetUser'] as const)('%s reads the attribute that the settings name', async (kind) => {
  const { ask, simulator } = await opened([kind]);
  expect([await ask(MAPPED), await ask(UNMAPPED)]).toEqual(['of the attribute', undefined]);
  expect(simulator.stats.of(kind).attempts).toBe(2);
});

it('DynamoDB is asked first where it is named first, and Cognito for users whom it does not have', async () => {
  const { ask, simulator, database } = await opened(['DynamoDB', 'AdminGetUser']);
  const Item = { newSub: { S: UNMAPPED.sub }, legacyId: { S: 'of the table' } };
  await database?.client.send(new PutItemCommand({ TableName: database.tableName, Item }));
  expect([await ask(UNMAPPED), await ask(MAPPED)]).toEqual(['of the table', 'of the attribute']);
  expect(simulator.stats.of('AdminGetUser').attempts).toBe(1);
});

it('nothing is opened where nothing is named', async () => {
  expect((await opened([])).ask(MAPPED)).toBeUndefined();
});

it('AdminGetUser is called with the profile that the settings name, and with no other credentials in its place', async () => {
  const { ask, simulator } = await opened(['AdminGetUser'], 'not-configured-anywhere');
  await expect(ask(MAPPED)).rejects.toThrow();
  expect(simulator.stats.of('AdminGetUser').attempts).toBe(0);
});

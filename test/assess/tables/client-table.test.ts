import { expect, it } from 'vitest';
import { clientTable } from '../../../src/assess/tables/client-table.js';
import { client, newParts } from '../pools.js';

it('lists app clients one by one, paired by name', () => {
  const job = client({ id: 'job', name: 'job', oauthFlows: ['client_credentials'] });
  const extra = client({ id: 'extra', name: 'extra', readAttributes: null, writeAttributes: null });
  const table = clientTable([client(), job], [...newParts.clients, extra], 'custom:legacy_sub');
  const rows = table.map((row) => [
    row.name,
    row.kind,
    row.legacyId,
    row.newId,
    row.readsAttribute,
    row.writesAttribute,
  ]);
  expect(rows).toEqual([
    ['web', 'people', 'web-client-id', 'web-new-id', 'yes', 'no'],
    ['job', 'machine', 'job', null, null, null],
    ['extra', 'people', null, 'extra', 'not certain', 'yes'],
  ]);
});

it('shows what the clients of an application have in each pool', () => {
  const [row] = clientTable(
    [client({ hasSecret: true })],
    [client({ id: 'new', authFlows: [], readAttributes: ['email'], callbackUrls: [] })],
    'custom:legacy_sub',
  );
  expect(row).toMatchObject({
    secret: { legacy: true, new: false },
    authFlows: { legacy: ['ALLOW_USER_SRP_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'], new: [] },
    callbackUrls: { legacy: ['https://shop.example/callback'], new: [] },
    readsAttribute: 'no',
  });
});

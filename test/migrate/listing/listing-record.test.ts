import { expect, it } from 'vitest';
import { ListingRecord } from '../../../src/migrate/listing/listing-record.js';
import { Sqlite } from '../../../src/migrate/state/sqlite.js';
import { state } from '../support/workspace.js';

it('pages wait in memory for their transaction, so that others can write meanwhile', () => {
  const { db, path } = state();
  db.run("INSERT INTO pools (id, side, user_pool_id) VALUES (1, 'new', 'new_1')");
  const added: string[] = [];
  const sink = {
    add: (users: readonly { username: string }[]) => void added.push(...users.map(({ username }) => username)),
    known: () => new Set<string>(),
  };
  const record = ListingRecord.open(db, 'plan', 1, sink);
  record.begin('shards', ['0']);
  const user = {
    username: 'user0',
    sub: '0-new-0',
    attributes: {},
    status: 'CONFIRMED',
    enabled: true,
    createdAt: undefined,
    modifiedAt: undefined,
  };
  record.addPage({ prefix: '0', users: [user], nextToken: 'next' });
  const other = new Sqlite(path);
  other.exec("PRAGMA busy_timeout = 0; INSERT INTO meta (key, value) VALUES ('other', '1')");
  expect(record.openShards()).toEqual([{ prefix: '0', token: undefined }]);
  record.commit();
  expect(added).toEqual(['user0']);
  expect(record.openShards()).toEqual([{ prefix: '0', token: 'next' }]);
  other.close();
});

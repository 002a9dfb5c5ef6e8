import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { toLine } from '../../../../src/migrate/csv/format/dialect.js';
import { type ImportRow, readRows, storeRows } from '../../../../src/migrate/csv/import/rows.js';
import { Sqlite } from '../../../../src/migrate/state/sqlite.js';
import { newFolder } from '../support.js';

const FILE = { name: 'import-0001.csv', users: 2, bytes: 0, sha256: '' };
const MANIFEST = {
  attribute: 'custom:legacy_sub',
  columns: ['cognito:username', 'email', 'email_verified', 'custom:legacy_sub'],
};

function written(...rows: string[][]): string {
  const folder = newFolder();
  mkdirSync(folder);
  writeFileSync(join(folder, FILE.name), [MANIFEST.columns, ...rows].map((row) => `${toLine(row)}\n`).join(''));
  return folder;
}

it('are read by the names of the columns, folded, and with their lines', async () => {
  const folder = written(['Ann', 'ANN@example.com', 'true', 'Ann-sub'], ['b,b', '', 'false', 'bob-sub']);
  const rows: ImportRow[] = [];
  for await (const row of readRows(folder, FILE, MANIFEST)) rows.push(row);
  const nothing = { phone: '', phoneVerified: false };
  expect(rows).toEqual([
    {
      ...{ text: 'Ann,ANN@example.com,true,Ann-sub', line: 2, sub: 'Ann-sub', username: 'ann' },
      ...{ email: 'ann@example.com', emailVerified: true, ...nothing },
    },
    {
      ...{ text: 'b\\,b,,false,bob-sub', line: 3, sub: 'bob-sub', username: 'b,b' },
      ...{ email: '', emailVerified: false, ...nothing },
    },
  ]);
});

it('are stored in portions, the last one too', async () => {
  const names = Array.from({ length: 2001 }, (_, n) => [`user${n}`, '', 'false', `sub${n}`]);
  const db = new Sqlite(':memory:');
  onTestFinished(() => db.close());
  db.exec('CREATE TABLE users (sub TEXT, line INTEGER)');
  await storeRows(db, 'users', ['sub', 'line'], readRows(written(...names), FILE, MANIFEST), ({ sub, line }) => [
    ...[sub, line],
  ]);
  expect(db.count('SELECT count(*) FROM users')).toBe(2001);
  expect(db.count("SELECT line FROM users WHERE sub = 'sub2000'")).toBe(2002);
});

import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openWorkFile } from '../../../../src/migrate/csv/format/work-file.js';
import { newFolder } from '../support.js';

it('is empty, only its owner can read it, and it is gone when it is closed', () => {
  const folder = newFolder();
  mkdirSync(folder);
  for (const name of ['.work.db', '.work.db-journal']) writeFileSync(join(folder, name), 'of a run that was killed');
  const { db, close } = openWorkFile(folder);
  db.exec('CREATE TABLE users (sub TEXT)');
  expect(db.count('SELECT count(*) FROM users')).toBe(0);
  expect(readdirSync(folder)).toEqual(['.work.db']);
  expect(statSync(join(folder, '.work.db')).mode & 0o777).toBe(0o600);
  close();
  expect(readdirSync(folder)).toEqual([]);
});

it('says in words where it cannot be made', () => {
  expect(() => openWorkFile(newFolder())).toThrow(expect.objectContaining({ code: 'ERR_STATE_STORAGE' }));
});

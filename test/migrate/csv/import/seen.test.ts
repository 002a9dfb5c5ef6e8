import { expect, it, onTestFinished } from 'vitest';
import { SeenUsers } from '../../../../src/migrate/csv/import/seen.js';
import { Sqlite } from '../../../../src/migrate/state/sqlite.js';
import { user } from '../support.js';

it('knows whom it was given, once or several times, and nobody else', () => {
  const db = new Sqlite(':memory:');
  onTestFinished(() => db.close());
  const seen = new SeenUsers(db);
  const page = [user({}, { sub: 'ann' }), user({}, { sub: undefined }), user({}, { sub: 'bob' })];
  seen.add(page);
  seen.add(page);
  expect(seen.known(['ann', 'bob', 'eve'])).toEqual(new Set(['ann', 'bob']));
});

import { expect, it } from 'vitest';
import { prefixes } from '../../../src/migrate/recheck/sub-prefix.js';
import { PLAN_TABLES } from '../../../src/migrate/state/schema.js';
import { state } from '../support/workspace.js';

it('gives the shortest prefix that no more than a page of users share', () => {
  const { db } = state();
  db.exec(PLAN_TABLES);
  const prefixOf = prefixes(db);
  expect(prefixOf('abc')).toBe('');
  const add = (sub: string) => db.run("INSERT INTO new_users (sub, username, verified) VALUES (?, 'u', 0)", sub);
  for (let n = 0; n < 500; n += 1) add(`a${n.toString(16).padStart(3, '0')}`);
  for (let n = 0; n < 40; n += 1) add(`b${n}`);
  expect(prefixOf('a1f3')).toBe('a1f');
  expect(prefixOf('b7')).toBe('b');
  expect(prefixOf('ffff')).toBe('f');
});

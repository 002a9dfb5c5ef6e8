import { expect, it } from 'vitest';
import { MigrationError } from '../../src/migrate/migration-error.js';

it('says what happened, what to do about it, and why', () => {
  const cause = new Error('EACCES');
  const error = new MigrationError('ERR_STATE_STORAGE', 'the state cannot be read', {
    fix: 'Repair the access.',
    cause,
  });
  expect(error).toBeInstanceOf(Error);
  expect(error).toMatchObject({ name: 'MigrationError', code: 'ERR_STATE_STORAGE', fix: 'Repair the access.', cause });
  expect(`${error}`).toBe('MigrationError: the state cannot be read');
});

it('has no cause where there is none', () => {
  const error = new MigrationError('ERR_POOL', 'no such pool');
  expect(error.fix).toBeUndefined();
  expect(error).not.toHaveProperty('cause');
});

import { expect, it } from 'vitest';
import { isVerified } from '../../../../src/migrate/csv/format/columns.js';
import { user } from '../support.js';

it.each([
  [{ email_verified: 'true' }, true],
  [{ email_verified: 'True' }, true],
  [{ email_verified: 'false' }, false],
  [{ email_verified: '' }, false],
  [{ email: '', email_verified: 'true' }, false],
])('an address with %j is verified: %s', (attributes, is) => {
  expect(isVerified(user(attributes), 'email')).toBe(is);
});

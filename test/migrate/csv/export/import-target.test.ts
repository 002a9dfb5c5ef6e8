import { describe, expect, it } from 'vitest';
import { COLUMNS, target } from '../support.js';

describe('a pool that users are to be imported into', () => {
  it('is taken with its own columns in their own order', () => {
    const columns = [...COLUMNS].reverse();
    expect(target({}, columns).columns).toEqual(columns);
  });

  it.each<[string, string, readonly string[], object]>([
    ['ERR_ATTRIBUTE', 'no attribute custom:legacy_sub', COLUMNS.filter((name) => name !== 'custom:legacy_sub'), {}],
    ['ERR_POOL', 'verifies neither', COLUMNS, { autoVerified: [] }],
    ['ERR_POOL', 'no column cognito:username', COLUMNS.filter((name) => name !== 'cognito:username'), {}],
    ['ERR_POOL', 'no column cognito:mfa_enabled', COLUMNS.filter((name) => name !== 'cognito:mfa_enabled'), {}],
    ['ERR_POOL', 'no column email_verified', COLUMNS.filter((name) => name !== 'email_verified'), {}],
    ['ERR_POOL', 'cannot be written', [...COLUMNS, 'name'], {}],
    ['ERR_POOL', 'cannot be written', [...COLUMNS, 'custom:a,b'], {}],
    ['ERR_POOL', 'cannot be written', [...COLUMNS, '"name"'], {}],
  ])('is refused with %s: %s', (code, message, columns, settings) => {
    expect(() => target(settings, columns)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    );
  });
});

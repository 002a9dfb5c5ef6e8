import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { DirectoryError } from '../../src/directory/user-types.js';
import { reasonOf, TriggerError } from '../../src/triggers/trigger-error.js';

describe('TriggerError', () => {
  it('says the same to everybody who is refused a sign-in, and tells the log which it was', () => {
    const codes = [
      'ERR_SIGN_IN_REFUSED',
      'ERR_USER_DISABLED',
      'ERR_USER_UNCONFIRMED',
      'ERR_CHALLENGE_REFUSED',
    ] as const;
    expect(new Set(codes.map((code) => new TriggerError(code).message)).size).toBe(1);
    expect(inspect(new TriggerError('ERR_USER_DISABLED', 'because'))).toMatch(/ERR_USER_DISABLED[\s\S]*because/);
  });
});

describe('reasonOf', () => {
  it.each([
    [new DirectoryError('throttled', 'AdminGetUser', 'TooManyRequestsException', 'x'), 'TooManyRequestsException'],
    [Object.assign(new Error('connect ECONNREFUSED 10.0.0.1'), { code: 'ECONNREFUSED' }), 'ECONNREFUSED'],
    [new TypeError('anna@example.com'), 'TypeError'],
    [Object.assign(new Error('x'), { name: 'anna@example.com' }), 'unknown'],
    [Object.assign(new Error('x'), { code: 'user anna' }), 'Error'],
    [Object.assign(new Error('x'), { exception: 'anna@example.com', code: 'ECONNRESET' }), 'ECONNRESET'],
    [Object.assign(new Error('x'), { code: ['ECONNRESET'] }), 'Error'],
    [Object.assign(new Error('x'), { code: 'a'.repeat(64) }), 'a'.repeat(64)],
    [Object.assign(new Error('x'), { code: 'a'.repeat(65) }), 'Error'],
    ['anna@example.com', 'unknown'],
    [undefined, 'unknown'],
  ])('%o: %s', (fault, reason) => {
    expect(reasonOf(fault)).toBe(reason);
  });
});

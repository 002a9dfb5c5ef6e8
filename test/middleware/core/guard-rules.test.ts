import { describe, expect, it } from 'vitest';
import { requireGroup, requireScope } from '../../../middleware/express.js';
import { ConfigurationError } from '../../../src/errors.js';

/** What guards do with a request: test/middleware/hosts.test.ts. */
describe('wrong arguments', () => {
  it.each([
    ['requireScope', () => requireScope()],
    ['requireScope', () => requireScope('')],
    ['requireScope', () => requireScope('orders/read orders/write')],
    ['requireScope', () => requireScope('a"b')],
    ['requireScope', () => requireScope(undefined as unknown as string)],
    ['requireScope', () => requireScope(['orders/read'] as unknown as string)],
    ['requireGroup', () => requireGroup()],
    ['requireGroup', () => requireGroup('staff', '')],
    ['requireGroup', () => requireGroup(['staff'] as unknown as string)],
  ])('are named at construction of a guard: %s', (option, construct) => {
    expect(construct).toThrow(ConfigurationError);
    expect(construct).toThrow(expect.objectContaining({ option }));
  });

  it.each([
    [() => requireScope('a b'), `requireScope: expected one scope per argument, requireScope('a', 'b'), got "a b"`],
    [
      () => requireScope('a', 'b c'),
      `requireScope: expected one scope per argument, requireScope('a', 'b'), got "b c"`,
    ],
    [
      () => requireScope(['a', 'b'] as never),
      `requireScope: expected each scope as an argument of its own, requireScope('a', 'b'), got an array`,
    ],
    [() => requireScope('a"'), 'requireScope: expected a scope (RFC 6749 section 3.3), got "a\\""'],
    [() => requireScope(), 'requireScope: expected at least one scope, got an empty array'],
    [
      () => requireGroup(['a', 'b'] as never),
      `requireGroup: expected each group as an argument of its own, requireGroup('a', 'b'), got an array`,
    ],
    [() => requireGroup('a', ''), 'requireGroup: expected the name of a group, got ""'],
  ])('of a guard are told with what to write: %s', (construct, message) => {
    expect(construct).toThrow(message);
  });
});

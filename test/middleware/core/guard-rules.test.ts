import { describe, expect, it, vi } from 'vitest';
import { requireGroup, requireScope } from '../../../middleware/express.js';
import * as fastify from '../../../middleware/fastify.js';
import { ConfigurationError } from '../../../src/errors.js';
import { atOnce, enforcing, fastifyExchange, observing, pass, passHook, verifierOf } from '../support.js';

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

/** In every framework: test/middleware/hosts.test.ts. */
describe('a guard that refuses', () => {
  const good = { authorization: 'Bearer good' };
  const guard = fastify.requireGroup('admins');
  const expectReported = async (onDecision: ReturnType<typeof vi.fn>, expected: object) => {
    await new Promise(setImmediate);
    const [decision, req] = onDecision.mock.lastCall ?? [];
    expect(decision).toMatchObject({ outcome: 'refused', error: { code: 'ERR_GROUP_REQUIRED' } });
    expect(req).toBe(expected);
  };

  it.each([
    ['enforces', enforcing],
    ['observes', observing],
  ])('reports to a cutoverAuth of another framework that %s, with the request as that one has it', async (_, auth) => {
    const onDecision = vi.fn();
    const exchange = fastifyExchange({ headers: good });
    pass(auth({ onDecision }), exchange.request.raw);
    passHook(guard, exchange);
    await expectReported(onDecision, exchange.request.raw);
  });

  it('reports the request that it was given, where the framework has a second one around that of Node', async () => {
    const onDecision = vi.fn();
    const first = fastifyExchange();
    passHook(fastify.cutoverAuth({ verifier: verifierOf(atOnce), onDecision }), first);
    const second = fastifyExchange(first.request.raw);
    passHook(guard, second);
    await expectReported(onDecision, second.request);
  });

  it('passes on the fault that ended the decision as it is', () => {
    const fault = new TypeError('a bug of the application');
    const getToken = () => {
      throw fault;
    };
    const req = { headers: good };
    expect(pass(enforcing({ getToken }), req)).toBe(fault);
    expect(pass(requireGroup('staff'), req)).toBe(fault);
  });
});

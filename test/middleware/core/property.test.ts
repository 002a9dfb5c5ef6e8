import type { RequestHandler } from 'express';
import Fastify, { type FastifyRequest } from 'fastify';
import { describe, expect, it } from 'vitest';
import { checkProperty } from '../../../middleware/core/property.js';
import { app, frameworks, get, watchProcess } from '../support.js';

watchProcess();

describe('the property of a request that gets the identity', () => {
  it.each(['auth', 'cutover', 'user', '$auth', 'auth_2'])('may be %s', (name) => {
    expect(checkProperty(name)).toBe(name);
  });

  it('is auth where none is named', () => {
    expect(checkProperty(undefined)).toBe('auth');
  });

  it.each(['', 'a b', 'a-b', '2auth', '__proto__', '_parsedUrl', 'a.b', null, 5, Symbol('auth'), ['auth']])(
    'is not %j',
    (name) => {
      expect(() => checkProperty(name)).toThrow(
        expect.objectContaining({ code: 'ERR_CONFIGURATION', option: 'property' }),
      );
    },
  );

  it.each(['headers', 'url', 'body', 'constructor', 'toString', 'then', 'raw', 'session', 'cookies'])(
    'is never one that requests have already: %s',
    (name) => {
      expect(() => checkProperty(name)).toThrow(
        `property: a request has a property "${name}" of its own; use another name, for example 'cutover'`,
      );
    },
  );

  /** Every name on a request that may be the property, but must not. */
  function freeNamesOf(request: object): string[] {
    const names = new Set<string>();
    for (let one: object | null = request; one !== null; one = Object.getPrototypeOf(one)) {
      for (const name of Object.getOwnPropertyNames(one)) names.add(name);
    }
    expect(names.size).toBeGreaterThan(30);
    return [...names].filter((name) => {
      try {
        return checkProperty(name) === name;
      } catch {
        return false;
      }
    });
  }

  it.each(frameworks)('is never one that %s has', async (_, framework) => {
    let free: string[] | undefined;
    const look: RequestHandler = (req, _res, next) => {
      free = freeNamesOf(req);
      next();
    };
    await get(app(framework, framework.json(), look));
    expect(free).toEqual([]);
  });

  it('is never one that Fastify has', async () => {
    let request: FastifyRequest | undefined;
    const instance = Fastify().get('/', (req) => {
      request = req;
      return '';
    });
    await instance.inject('/');
    expect(request && freeNamesOf(request)).toEqual([]);
  });
});

import type { ErrorRequestHandler, RequestHandler } from 'express';
import { describe, expect, it } from 'vitest';
import { checkProperty } from '../../../middleware/core/property.js';
import { cutoverAuth, getAuth, requireGroup } from '../../../middleware/plain.js';
import { admin, app, atOnce, foreign, frameworks, get, verifierOf, watchProcess } from '../support.js';

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

  it.each(frameworks)('is never one that %s has', async (_, framework) => {
    const names = new Set<string>();
    const look: RequestHandler = (req, _res, next) => {
      for (let one: object | null = req; one !== null; one = Object.getPrototypeOf(one)) {
        for (const name of Object.getOwnPropertyNames(one)) names.add(name);
      }
      next();
    };
    await get(app(framework, framework.json(), look));
    expect(names.size).toBeGreaterThan(80);
    const free = [...names].filter((name) => {
      try {
        return checkProperty(name) === name;
      } catch {
        return false;
      }
    });
    expect(free).toEqual([]);
  });
});

describe.each(frameworks)('with a property of its own, behind %s', (_, framework) => {
  const on = (property: string, more: object = {}) =>
    cutoverAuth({ verifier: verifierOf(atOnce), property, ...more } as never);
  const show: RequestHandler = (req, res) => {
    const at = (name: string) => (Reflect.get(req, name) as { userId?: string } | undefined)?.userId ?? null;
    res.json({ auth: at('auth'), cutover: at('cutover') });
  };
  const swallow: ErrorRequestHandler = (_error, _req, _res, next) => next();
  const bodyOf = async (...stack: (RequestHandler | ErrorRequestHandler)[]) =>
    (await get(app(framework, ...stack, show))).body;
  const ofAdmin = { verifier: verifierOf(atOnce, admin) };
  const bad = { getToken: () => 'bad' };

  it("leaves another library's req.auth alone", async () => {
    expect(await bodyOf(foreign, on('cutover'))).toEqual({ auth: 'somebody else', cutover: 'anna' });
    expect(await bodyOf(foreign, on('cutover', { mode: 'observe' }))).toEqual({
      auth: 'somebody else',
      cutover: 'anna',
    });
  });

  it('is seen by guards and getAuth as well', async () => {
    const who: RequestHandler = (req, res) => void res.json(getAuth(req).userId);
    expect((await get(app(framework, foreign, on('cutover'), requireGroup('staff'), who))).body).toBe('anna');
    expect((await get(app(framework, foreign, on('cutover'), requireGroup('admins'), who))).status).toBe(403);
  });

  it('stands beside that of another cutoverAuth', async () => {
    const two = [on('auth'), on('cutover', ofAdmin)];
    expect(await bodyOf(...two)).toEqual({ auth: 'anna', cutover: 'admin' });
    const who: RequestHandler = (req, res) => void res.json(getAuth(req).userId);
    expect((await get(app(framework, ...two, who))).body).toBe('admin');
  });

  it.each([
    ['the second one', [on('auth'), on('cutover', bad)]],
    ['the second one, with the same property', [on('cutover'), on('cutover', bad)]],
    ['a third one', [on('auth'), on('cutover', ofAdmin), on('third', bad)]],
    ['one after an observing one', [on('cutover', { mode: 'observe' }), on('auth', bad)]],
    ['one after two that observe', [on('auth', { mode: 'observe' }), on('cutover', { mode: 'observe' }), on('x', bad)]],
    ['one that another observes', [on('auth'), on('cutover', ofAdmin), on('x', { mode: 'observe' }), on('y', bad)]],
  ])('is emptied, like all others, when a request is refused by %s', async (_who, stack) => {
    expect(await bodyOf(...(stack as RequestHandler[]), swallow)).toEqual({ auth: null, cutover: null });
  });

  it('is not emptied of what is not ours', async () => {
    const stack = [on('auth'), foreign, on('cutover', bad), swallow] as RequestHandler[];
    expect(await bodyOf(...stack)).toEqual({ auth: 'somebody else', cutover: null });
  });
});

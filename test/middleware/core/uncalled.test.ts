import type { ErrorRequestHandler, RequestHandler } from 'express';
import { describe, expect, it } from 'vitest';
import { checkCalled } from '../../../middleware/core/uncalled.js';
import {
  cutoverAuth,
  requireAnyGroup,
  requireAnyScope,
  requireGroup,
  requireScope,
  requireUser,
} from '../../../middleware/express.js';
import { app, enforcing, frameworks, get, watchProcess } from '../support.js';

watchProcess();

describe.each(frameworks)('behind %s, what was passed without being called', (_, framework) => {
  it.each<[string, unknown, string]>([
    ['cutoverAuth', cutoverAuth, 'app.use(cutoverAuth({…}))'],
    ['requireScope', requireScope, "app.get('/…', requireScope('…'), …)"],
    ['requireAnyScope', requireAnyScope, "app.get('/…', requireAnyScope('…'), …)"],
    ['requireGroup', requireGroup, "app.get('/…', requireGroup('…'), …)"],
    ['requireAnyGroup', requireAnyGroup, "app.get('/…', requireAnyGroup('…'), …)"],
    ['requireUser', requireUser, "app.get('/…', requireUser(), …)"],
  ])('fails the request at once, and says how to call it: %s', async (name, uncalled, call) => {
    const handler: ErrorRequestHandler = (error, _req, res, _next) => {
      res.status(500).json({ code: error.code, message: error.message });
    };
    const expected = {
      code: 'ERR_CONFIGURATION',
      message: `${name}: was passed without being called. Call it: ${call}`,
    };
    for (const stack of [[uncalled], [enforcing(), uncalled]]) {
      const response = await get(app(framework, ...(stack as RequestHandler[]), handler));
      expect([response.status, response.body]).toEqual([500, expected]);
    }
  });
});

it.each([[[]], [['a', 'b', 'c']], [[{}, ['a']]], [[() => {}]]])('leaves other arguments to others: %j', (args) => {
  expect(() => checkCalled('name', 'call', args)).not.toThrow();
});

it.each([[[{}, {}, () => {}]], [[{}, () => {}]], [[{}, {}]]])('finds what a framework calls with: %j', (args) => {
  expect(() => checkCalled('name', 'call', args)).toThrow('name: was passed without being called. Call it: call');
});

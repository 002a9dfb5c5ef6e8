import type { RequestHandler } from 'express';
import { expect, expectTypeOf, it } from 'vitest';
import * as express from '../../middleware/express.js';
import * as plain from '../../middleware/plain.js';
import type { CutoverIdentity } from '../../src/verify/types.js';

it('types req.auth as what it is: possibly absent', () => {
  const handler: RequestHandler = (req) => {
    expectTypeOf(req.auth).toEqualTypeOf<CutoverIdentity | undefined>();
    expectTypeOf(express.getAuth(req)).toEqualTypeOf<CutoverIdentity>();
  };
  expectTypeOf(handler).toEqualTypeOf<RequestHandler>();
});

it('has what the entry without the declaration has', () => {
  expect({ ...express }).toEqual({ ...plain });
});

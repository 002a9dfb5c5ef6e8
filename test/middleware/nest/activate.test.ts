import * as common from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import { CONTINUE, Refusal } from '../../../middleware/core/host.js';
import { activate } from '../../../middleware/nest/activate.js';
import { CutoverError, type CutoverErrorCode } from '../../../src/errors.js';
import { CutoverHttpError } from '../../../src/http/challenge.js';

/** With Nest itself: test/middleware/nest.test.ts. */
const context = { getType: () => 'http', switchToHttp: () => ({ getRequest: () => ({}), getResponse: () => ({}) }) };
const refused = (code: CutoverErrorCode, more: object = {}) =>
  Object.assign(new CutoverHttpError(new CutoverError(code, 'Details.'), {}), more);
/** What a request ends in that is refused with `error`. */
const endOf = (error: object) => activate(() => new Refusal(error), context).catch((thrown: unknown) => thrown);

describe('a refusal in Nest', () => {
  it.each<[CutoverErrorCode, new (...args: never[]) => common.HttpException, string]>([
    ['ERR_CREDENTIALS_AMBIGUOUS', common.BadRequestException, 'Bad Request'],
    ['ERR_TOKEN_EXPIRED', common.UnauthorizedException, 'Unauthorized'],
    ['ERR_GROUP_REQUIRED', common.ForbiddenException, 'Forbidden'],
    ['ERR_KEYS_UNAVAILABLE', common.ServiceUnavailableException, 'Service Unavailable'],
  ])('with %s ends in the exception that filters look for', async (code, Exception, error) => {
    const cause = refused(code);
    const exception = (await endOf(cause)) as common.HttpException;
    expect(exception).toBeInstanceOf(Exception);
    expect(exception.cause).toBe(cause);
    expect(exception.getResponse()).toMatchObject({ error, statusCode: cause.status, errorCode: code });
  });

  it('with a status that has no exception of its own ends in a general one', async () => {
    const exception = (await endOf(refused('ERR_TOKEN_EXPIRED', { status: 429 }))) as common.HttpException;
    expect(exception).toBeInstanceOf(common.HttpException);
    expect(exception.getStatus()).toBe(429);
    expect(exception.getResponse()).toMatchObject({ error: 'Too Many Requests', errorCode: 'ERR_TOKEN_EXPIRED' });
  });

  it('with a fault ends in that fault', async () => {
    const fault = new TypeError('a bug');
    expect(await endOf(fault)).toBe(fault);
  });
});

it('what is let through goes on', async () => {
  expect(await activate(() => CONTINUE, context)).toBe(true);
});

import { STATUS_CODES } from 'node:http';
import {
  BadRequestException,
  ForbiddenException,
  HttpException,
  ServiceUnavailableException,
  UnauthorizedException,
} from '@nestjs/common';
import { CutoverHttpError } from '../../src/http/challenge.js';
import { CONTINUE, Refusal } from '../core/host.js';
import { outwardMessage } from '../core/outward.js';
import { type CutoverContext, type DecideInNest, exchangeOf } from './nest-host.js';

/** Decides about the request of a handler, as a guard of Nest does. */
export async function activate(decide: DecideInNest, context: CutoverContext): Promise<boolean> {
  const { req, res } = exchangeOf(context);
  const verdict = await decide(req, res);
  if (verdict instanceof Refusal) throw exceptionOf(verdict.error);
  if (verdict === CONTINUE) return true;
  // The application has answered already: `false` would make Nest answer again.
  return new Promise<never>(() => {});
}

/** What `task` returns; a refusal that it throws is thrown as Nest's own exception. */
export function answering<T>(task: () => T): T {
  try {
    return task();
  } catch (error) {
    throw exceptionOf(error);
  }
}

const EXCEPTIONS = new Map([
  [400, BadRequestException],
  [401, UnauthorizedException],
  [403, ForbiddenException],
  [503, ServiceUnavailableException],
]);

/** A refusal as Nest's own exception: filters look for these, and Nest does not log them as faults. */
function exceptionOf(error: unknown): unknown {
  if (!(error instanceof CutoverHttpError)) return error;
  const { status, code } = error;
  const body = { message: outwardMessage(error), error: STATUS_CODES[status], statusCode: status, errorCode: code };
  const options = { cause: error, errorCode: code };
  const Exception = EXCEPTIONS.get(status);
  return Exception === undefined ? new HttpException(body, status, options) : new Exception(body, options);
}

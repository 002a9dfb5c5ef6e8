import { CutoverError, nameToken, sentenceOf } from '../../src/errors.js';
import { CutoverHttpError } from '../../src/http/challenge.js';

/** What a client may read of a refusal: during an outage, the sentence of its code and no details. */
export function outwardMessage({ code, expose, message }: CutoverHttpError): string {
  return expose ? message : (sentenceOf(code) ?? 'This is currently unavailable.');
}

/**
 * For frameworks that answer with the message of any error: an outage without its details, which stay in its `cause` for the
 * log. Any other error is returned as it is.
 */
export function outward(error: unknown): unknown {
  if (!(error instanceof CutoverHttpError) || error.expose) return error;
  const { code, pool, retryAfterSeconds, headers } = error;
  const inside = new CutoverError(code, outwardMessage(error), { pool, retryAfterSeconds, cause: error });
  nameToken(inside, error);
  return new CutoverHttpError(inside, headers);
}

/** What `task` returns; an outage that it throws is thrown without its details. */
export function outwardly<T>(task: () => T): T {
  try {
    return task();
  } catch (error) {
    throw outward(error);
  }
}

import { CutoverError } from '../errors.js';

/** Deeper than any real claim, and far below what overflows the stack of recursive code. */
const MAX_DEPTH = 64;

type Json = Record<string, unknown>;

/**
 * Freezes a parsed JSON object and everything in it, level by level. Removes `__proto__` keys: harmless here, such a key
 * becomes a prototype in a careless copy.
 *
 * @throws {@link CutoverError} `ERR_TOKEN_MALFORMED` where it nests deeper than 64 levels
 */
export function freezeJson<T extends object>(json: T): Readonly<T> {
  let level = [json as Json];
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) throw new CutoverError('ERR_TOKEN_MALFORMED', 'A part of the token is nested too deeply.');
    const below: Json[] = [];
    for (const one of level) {
      // JSON.parse made this object, so nothing inherited is enumerated; and no copy of the values is made.
      for (const key in one) {
        const value = one[key];
        if (typeof value === 'object' && value !== null) below.push(value as Json);
      }
      if (Object.hasOwn(one, '__proto__')) Reflect.deleteProperty(one, '__proto__');
      Object.freeze(one);
    }
    level = below;
  }
  return json;
}

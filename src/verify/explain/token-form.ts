import { isThenable } from '../../thenable.js';

/** Texts that variables without a value turn into. */
const EMPTY_VARIABLES = new Set(['undefined', 'null', 'NaN', '[object Object]', '[object Promise]']);

const QUOTED = /^(["'`]).*\1$/s;

/**
 * The mistake by which something that is not a token was probably passed as one; `undefined` if no mistake is certain. Says
 * nothing of what the text holds.
 */
export function formMistake(token: unknown): string | undefined {
  if (typeof token !== 'string') {
    if (isThenable(token)) return 'A promise was passed instead of a token: await it first.';
    return `The token is not a string: it is of type ${typeof token}.`;
  }
  if (EMPTY_VARIABLES.has(token.trim())) {
    return 'The token is the text of a variable without a value: the client sends it before it has a token.';
  }
  if (/^\s*bearer\s/i.test(token)) return 'The token begins with "Bearer ": pass only what follows it.';
  if (QUOTED.test(token.trim())) return 'The token is in quotation marks: pass only what is between them.';
  if (/^\s*[{[]/.test(token)) return 'This is JSON: pass only the access token or the ID token in it.';
  if (token.trim() !== token) return 'There is white space before or after the token: remove it.';
  if (/\s/.test(token)) return 'There is white space in the token, as when it is copied with a line break.';
  const parts = token.split('.').length;
  if (parts === 5) {
    return "The token is encrypted (JWE), as Cognito's refresh tokens are: pass the access token or the ID token.";
  }
  if (parts === 1) {
    return 'The token has no dots, so it is not a JWT: is it an authorization code or an API key?';
  }
  return undefined;
}

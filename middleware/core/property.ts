import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { ConfigurationError } from '../../src/errors.js';
import { refuse } from '../../src/options.js';

/**
 * What Express 4 and 5, their usual parsers and sessions, and Fastify put on a request besides Node's own properties. What
 * begins with `_` is private to somebody.
 */
const OF_FRAMEWORKS: ReadonlySet<string> = new Set(
  `app res next route params query body cookies signedCookies secret session sessionID sessionStore file files
   baseUrl originalUrl path host hostname subdomains protocol secure ip ips fresh stale xhr
   get header accepts acceptsEncodings acceptsEncoding acceptsCharsets acceptsCharset acceptsLanguages acceptsLanguage
   range is param then
   raw id log server routeOptions is404 port mediaType getValidationFunction compileValidationSchema validateInput
   signal getDecorator setDecorator`.split(/\s+/),
);

/** Where on a request the identity is put. */
export function checkProperty(value: unknown = 'auth'): string {
  if (typeof value !== 'string' || !/^[a-z$][\w$]*$/i.test(value)) {
    return refuse('property', "the name of a property that begins with a letter, for example 'cutover'", value);
  }
  if (OF_FRAMEWORKS.has(value) || value in new IncomingMessage(new Socket())) {
    const message = `a request has a property "${value}" of its own; use another name, for example 'cutover'`;
    throw new ConfigurationError('property', message);
  }
  return value;
}

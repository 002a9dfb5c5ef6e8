import type { Context } from 'hono';
import { CutoverHttpError } from '../../src/http/challenge.js';
import type { Host, ResponseHeaders } from '../core/host.js';
import { outwardMessage } from '../core/outward.js';

export const HONO: Host<Context, Context> = {
  // Not Node's request: an application that calls its own routes, `app.request('/…', {…}, c.env)`, passes the same one on with
  // other credentials. Nor `c.req.raw`, which middleware replaces.
  keyOf: (c) => c,
  ofKey: (key) => key as Context,
  bearerOf(c) {
    const { headers, url } = c.req.raw;
    const authorization = headers.get('authorization') ?? undefined;
    return { headers: { authorization }, url };
  },
  get: (c, property) => c.get(property),
  set: (c, property, identity) => c.set(property, identity),
  remove: (c, property) => c.set(property, undefined),
  headersOf: contextHeaders,
  isAnswered: (c) => c.finalized,
};

/** `c.res` is there before it is used: only then does a `Response` that a handler makes itself get the headers, too. */
function contextHeaders(c: Context): ResponseHeaders {
  return {
    getHeader: (name) => c.res.headers.get(name) ?? undefined,
    setHeader: (name, value) => c.res && c.header(name, value),
    // Several values are one here, so the core cannot tell whether its own is among them.
    appendHeader(name, value) {
      if (!c.res.headers.get(name)?.includes(value)) c.header(name, value, { append: true });
    },
    removeHeader: (name) => c.res && c.header(name, undefined),
  };
}

/** A refusal that Hono answers by itself, as it does for an `HTTPException`. */
export function answerable(error: unknown): unknown {
  if (!(error instanceof CutoverHttpError)) return error;
  const { status, headers } = error;
  return Object.assign(error, { getResponse: () => new Response(outwardMessage(error), { status, headers }) });
}

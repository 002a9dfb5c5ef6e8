import type { IncomingMessage, RequestListener } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import express from 'express';
import { Hono } from 'hono';
import * as hono from '../../../middleware/hono.js';
import * as plain from '../../../middleware/plain.js';
import { CutoverError } from '../../../src/errors.js';
import { anna } from '../../support/host-kit.js';
import { assertNoCanary } from '../canary.js';
import { fuzzTarget } from '../fuzz-target.js';
import { GOOD, type Wire, wire } from './raw-requests.js';
import { ensure, overhear } from './refusals.js';
import { bytesOf, exchange, listening } from './sockets.js';

/** What Node, the frameworks and the middleware may answer to what is hostile. */
const STATUSES = new Set([200, 400, 401, 403, 404, 405, 408, 411, 413, 414, 415, 417, 431, 501, 505]);

const verifier = {
  verify(token: string) {
    if (token === GOOD) return anna;
    throw new CutoverError('ERR_TOKEN_MALFORMED', 'A sentence for the log.');
  },
};

/** By its own, simple rule: exactly one Authorization header, with the good token, and no token elsewhere. */
function isGood({ rawHeaders, url }: Pick<IncomingMessage, 'rawHeaders' | 'url'>): boolean {
  const values = rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === 'authorization');
  return (
    values.length === 1 && /^bearer +good\.token\.here$/i.test(values[0] ?? '') && !/access_token=/.test(url ?? '')
  );
}

type Violate = (message: string) => void;
export type Handler = (violate: Violate) => RequestListener;

const onExpress: Handler = (violate) => {
  const app = express();
  app.use(plain.cutoverAuth({ verifier: verifier as never }));
  app.use(express.urlencoded({ extended: true }), express.json());
  app.use(plain.requireScope('orders/read'), (req, res) => {
    if (!isGood(req)) violate('a request without a good token came through');
    if (plain.getAuth(req) !== anna) violate('another identity');
    res.end('through');
  });
  return app;
};
const onHono: Handler = (violate) => {
  const app = new Hono<{ Bindings: { incoming: IncomingMessage } }>();
  app.use('*', hono.cutoverAuth({ verifier: verifier as never }));
  app.all('*', (c) => {
    if (!isGood(c.env.incoming)) violate('a request without a good token came through');
    return c.text('through');
  });
  return getRequestListener(app.fetch as never) as RequestListener;
};

export const httpRequestsOn = (handlers: readonly Handler[]) =>
  fuzzTarget<Wire>({
    name: 'http-requests',
    boundary: 'the bytes of HTTP requests, to servers with the middleware',
    async start() {
      const violations: string[] = [];
      const servers = await Promise.all(
        handlers.map((handler) => listening(handler((one) => void violations.push(one)))),
      );
      const log = overhear();
      return {
        input: wire,
        count: ({ requests }) => requests.length * handlers.length,
        async check(given) {
          const bytes = bytesOf(given);
          for (const { port } of servers) {
            const text = await exchange(port, bytes, given.leaves);
            assertNoCanary('an answer', text);
            for (const [, status] of text.matchAll(/^HTTP\/1\.1 (\d+)/gm)) {
              if (status !== '100') ensure(STATUSES.has(Number(status)), `answered ${status}`);
            }
            const healthy = `GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: Bearer ${GOOD}\r\n\r\n`;
            const health = await exchange(port, Buffer.from(healthy), 'ends');
            ensure(health.startsWith('HTTP/1.1 200'), `the next request is not answered: ${health.slice(0, 100)}`);
          }
          ensure(violations.length === 0, violations.splice(0).join('; '));
          log.check();
        },
        close() {
          log.close();
          for (const { server } of servers) {
            server.closeAllConnections();
            server.close();
          }
        },
      };
    },
  });

export const httpRequests = httpRequestsOn([onExpress, onHono]);

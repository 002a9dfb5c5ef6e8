import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { type ForwardAuth, NOBODY } from '../../../../middleware/forward-auth.js';
import type { Readiness } from '../../../operate/readiness.js';
import { METRICS_TYPE } from './text-meter.js';

export interface EndpointsOptions {
  readonly decide: ForwardAuth;
  readonly check: () => Promise<Pick<Readiness, 'ready'>>;
  readonly metrics: () => string;
}

export interface Endpoints {
  readonly listener: RequestListener;
  /** Requests that are being answered. */
  readonly inFlight: number;
  /** From now on this is not ready. Decisions are still made, and connections are kept: each new one could meet the port as it closes. */
  end(): void;
  /** Each answer from now on is the last one of its connection, and says so. To be called once nothing new is accepted. */
  closeConnections(): void;
}

const NOT_FOUND = 'There is nothing here. Decisions are made at / and at /auth, and below /auth/.\n';

/**
 * Which path is what. Envoy asks with the path of the client's own request behind its prefix: only `/`, `/auth` and what is below it are
 * decisions, and nothing below them is anything else, so that no client can choose a path that is answered without one.
 */
export function createEndpoints({ decide, check, metrics }: EndpointsOptions): Endpoints {
  const closing = new WeakSet<object>();
  let inFlight = 0;
  let isEnding = false;
  let isClosing = false;

  const others: Readonly<Record<string, (res: ServerResponse) => void>> = {
    '/healthz': (res) => send(res, 200, 'application/json', '{"alive":true}'),
    '/readyz': (res) => {
      const say = (ready: boolean) => send(res, ready ? 200 : 503, 'application/json', JSON.stringify({ ready }));
      if (isEnding) say(false);
      else
        check().then(
          ({ ready }) => say(ready && !isEnding),
          () => say(false),
        );
    },
    '/metrics': (res) => send(res, 200, METRICS_TYPE, metrics()),
  };

  const listener = (req: IncomingMessage, res: ServerResponse): void => {
    // Bytes that came with a request that was the last one of its connection: part of its body, perhaps.
    if (closing.has(req.socket)) return;
    inFlight += 1;
    res.once('close', () => {
      inFlight -= 1;
    });
    // Bodies are never read. What follows a body that was announced and not sent would be the next request on the connection.
    if (isClosing || hasBody(req)) {
      closing.add(req.socket);
      res.setHeader('Connection', 'close');
    }
    const path = pathOf(req.url);
    if (path === '/' || path === '/auth' || path.startsWith('/auth/')) {
      void decide(req, res);
      return;
    }
    const other = Object.hasOwn(others, path) ? others[path] : undefined;
    if (other === undefined) send(res, 404, 'text/plain; charset=utf-8', NOT_FOUND);
    else other(res);
  };

  return {
    listener,
    get inFlight() {
      return inFlight;
    },
    end: () => {
      isEnding = true;
    },
    closeConnections: () => {
      isClosing = true;
    },
  };
}

function pathOf(url = ''): string {
  const end = url.search(/[?#]/);
  return end < 0 ? url : url.slice(0, end);
}

function hasBody({ headers }: IncomingMessage): boolean {
  const length = headers['content-length'];
  return headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
}

/** With the headers of nobody: a proxy that takes it for a decision must not pass on what the client sent. */
function send(res: ServerResponse, status: number, type: string, body: string): void {
  const identity = status === 200 ? NOBODY : {};
  const length = Buffer.byteLength(body);
  res.writeHead(status, { ...identity, 'Cache-Control': 'no-store', 'Content-Type': type, 'Content-Length': length });
  res.end(body);
}

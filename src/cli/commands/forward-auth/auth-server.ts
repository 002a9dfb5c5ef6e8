import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { Server as SocketServer } from 'node:net';
import type { Clock } from '../../../clock.js';
import { explainListening } from '../../listening.js';

export interface AuthServer {
  readonly port: number;
  /**
   * Accepts nothing more, and ends once the requests that run are answered, or the time for it is over. Connections that are kept and not
   * used are closed after `lingerMs`: until then their next request is answered, and can say that it was the last one.
   *
   * @param whenShut called once no connection is accepted any more
   */
  close(lingerMs?: number, whenShut?: () => void): Promise<void>;
}

/** A token may have 16 KiB; beside it stand the client's other headers, cookies among them. */
const MOST_HEADER_BYTES = 64 * 1024;
/** Proxies are near, and send their requests at once. */
const REQUEST_MS = 10_000;
const CHECK_EVERY_MS = 2_000;
/** Longer than proxies keep connections that they do not use (nginx: 60 s), so that it is they who close them. */
const KEEP_ALIVE_MS = 75_000;
const MOST_CONNECTIONS = 4_096;
const CLOSE_LIMIT_MS = 10_000;
const CLOSE_STEP_MS = 25;

/** @throws ConfigurationError naming `--port` or `--listen` */
export async function listen(
  { host, port, clock }: { readonly host: string; readonly port: number; readonly clock: Clock },
  listener: RequestListener,
): Promise<AuthServer> {
  const server = createServer(
    {
      maxHeaderSize: MOST_HEADER_BYTES,
      headersTimeout: REQUEST_MS,
      requestTimeout: REQUEST_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connectionsCheckingInterval: CHECK_EVERY_MS,
      noDelay: true,
    },
    listener,
  );
  server.maxConnections = MOST_CONNECTIONS;
  // By default Node drops, without a word, what comes after 2000 headers: a second token, for example. Their size is limited.
  server.maxHeadersCount = 0;
  server.listen({ host, port });
  try {
    await once(server, 'listening');
  } catch (error) {
    throw explainListening(error, port, 'Choose another one.', host);
  }
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    async close(lingerMs = 0, whenShut = () => {}) {
      let isClosed = false;
      // Not the method of HTTP servers, which also closes every connection on which no request was read yet, though one may have been sent.
      SocketServer.prototype.close.call(server, () => {
        isClosed = true;
      });
      whenShut();
      for (let waited = 0; !isClosed && waited < CLOSE_LIMIT_MS; waited += CLOSE_STEP_MS) {
        // One that was busy before is idle now.
        if (waited >= lingerMs) server.closeIdleConnections();
        await clock.sleep(CLOSE_STEP_MS);
      }
      server.closeAllConnections();
      // Ends what else the HTTP server has, its timer for example.
      server.close(() => {});
    },
  };
}

/** Whether only programs of this machine can connect. */
export const isLoopback = (host: string): boolean =>
  /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host) || host === '::1' || host === 'localhost';

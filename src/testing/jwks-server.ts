import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { checkOneOf } from '../options.js';
import type { JsonWebKeySet } from '../verify/types.js';

/**
 * How a pool's JWKS endpoint fails.
 * - `off`: it works
 * - `refuse`: connections are dropped as they come
 * - `error`: status 500
 * - `hang`: a request never gets an answer
 * - `garbage`: status 200, and a body that is not JSON
 * - `empty`: status 200, and a set without keys
 */
export type OutageMode = 'off' | 'refuse' | 'error' | 'hang' | 'garbage' | 'empty';

const MODES = ['off', 'refuse', 'error', 'hang', 'garbage', 'empty'] as const satisfies readonly OutageMode[];

const FAULTS = new Map<OutageMode, { readonly status: number; readonly body: string }>([
  ['error', { status: 500, body: '{"message":"Internal server error"}' }],
  ['garbage', { status: 200, body: '<html>not a key set</html>' }],
  ['empty', { status: 200, body: '{"keys":[]}' }],
]);

/** The JWKS endpoint of one pool on loopback. */
export class JwksServer {
  /** Requests for the key set, and connections that were dropped before a request. */
  fetches = 0;
  readonly #server: Server;
  readonly #path: string;
  readonly #hanging: ServerResponse[] = [];
  #mode: OutageMode = 'off';

  private constructor(path: string, jwks: () => JsonWebKeySet) {
    this.#path = path;
    this.#server = createServer((request, response) => {
      if (request.url !== path) {
        response.writeHead(404).end();
        return;
      }
      this.fetches += 1;
      if (this.#mode === 'refuse') {
        request.socket.resetAndDestroy();
        return;
      }
      if (this.#mode === 'hang') {
        this.#hanging.push(response);
        return;
      }
      const fault = FAULTS.get(this.#mode);
      // No connection is kept alive, so that every request meets the present mode.
      response.writeHead(fault?.status ?? 200, { 'content-type': 'application/json', connection: 'close' });
      response.end(fault?.body ?? JSON.stringify(jwks()));
    });
    this.#server.on('connection', (socket) => {
      if (this.#mode !== 'refuse') return;
      this.fetches += 1;
      socket.resetAndDestroy();
    });
    // A test that forgets to close its pools must not keep the process alive.
    this.#server.unref();
  }

  static async start(path: string, jwks: () => JsonWebKeySet): Promise<JwksServer> {
    const served = new JwksServer(path, jwks);
    await new Promise<void>((resolve, reject) => {
      served.#server.once('error', reject).listen(0, '127.0.0.1', resolve);
    });
    return served;
  }

  get uri(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}${this.#path}`;
  }

  /** Also drops requests that hang. */
  outage(mode: OutageMode): void {
    this.#mode = checkOneOf('outage', mode, MODES);
    for (const response of this.#hanging.splice(0)) response.destroy();
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }
}

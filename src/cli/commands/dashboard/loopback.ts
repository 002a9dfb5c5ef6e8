import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { isSystemError } from '../../../migrate/files/system-error.js';
import { explainListening } from '../../listening.js';

export interface LoopbackServer {
  readonly port: number;
  /** Ends every connection at once. */
  close(): void;
}

/** A port that is free for IPv4 may be taken for IPv6: then another one is tried. */
const TRIES = 20;
/** Pages, their live connections, and as many again that a browser opens ahead. */
const MOST_CONNECTIONS = 128;

/**
 * Serves on 127.0.0.1 and, where the machine has it, on ::1: `localhost` may mean either, and whoever else listened on the other would
 * be sent the secret in the address.
 *
 * @param port 0: any that is free
 * @throws ConfigurationError naming `--port`
 */
export async function listenOnLoopback(port: number, listener: RequestListener): Promise<LoopbackServer> {
  for (let tries = 1; ; tries += 1) {
    const servers: Server[] = [];
    const close = () => {
      for (const server of servers) {
        server.close();
        server.closeAllConnections();
      }
    };
    try {
      servers.push(await listen('127.0.0.1', port, listener));
      const chosen = portOf(servers[0]);
      const second = await listen('::1', chosen, listener).catch(unlessThereIsNone);
      if (second !== undefined) servers.push(second);
      return { port: chosen, close };
    } catch (error) {
      close();
      if (isSystemError(error) && error.code === 'EADDRINUSE' && port === 0 && tries < TRIES) continue;
      const advice = 'Choose another one, or leave the option out: a free one is taken.';
      throw explainListening(error, port, advice);
    }
  }
}

async function listen(host: string, port: number, listener: RequestListener): Promise<Server> {
  const server = createServer(listener);
  server.maxConnections = MOST_CONNECTIONS;
  server.listen({ host, port });
  await once(server, 'listening');
  return server;
}

/** A machine without IPv6, or a container in which it is switched off. */
function unlessThereIsNone(error: unknown): undefined {
  if (isSystemError(error) && ['EADDRNOTAVAIL', 'EAFNOSUPPORT'].includes(error.code)) return undefined;
  throw error;
}

function portOf(server: Server | undefined): number {
  const address = server?.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

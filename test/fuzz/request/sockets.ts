import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import type { Wire } from './raw-requests.js';

/** Sends bytes, and answers what came back, as latin1, once the server has closed the connection. */
export async function exchange(port: number, bytes: Buffer, leaves: Wire['leaves']): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    text += chunk;
  });
  socket.on('error', () => {});
  const closed = new Promise((resolve) => socket.once('close', resolve));
  await Promise.race([once(socket, 'connect'), closed]);
  if (leaves === 'resets') socket.write(bytes, () => socket.resetAndDestroy());
  else socket.end(bytes);
  await closed;
  return text;
}

/** The bytes of a wire, up to where the client goes. */
export function bytesOf({ requests, share }: Wire, complete = (text: string) => text): Buffer {
  const all = Buffer.from(complete(requests.join('')), 'latin1');
  return all.subarray(0, Math.ceil(all.length * share));
}

export async function listening(listener: RequestListener): Promise<{ server: Server; port: number }> {
  // A half request is over when the client ends, or soon.
  const server = createServer(
    { headersTimeout: 500, requestTimeout: 1_000, connectionsCheckingInterval: 100 },
    listener,
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port };
}

import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { control } from './control.js';
import { DroppedConnection, ServiceError } from './errors.js';
import { UPLOAD_PATH, upload } from './operations/imports.js';
import type { SimulatorCore } from './simulator.js';
import { answerSts } from './sts.js';

const TARGET = 'AWSCognitoIdentityProviderService.';
const CONTROL_PATH = '/_sim/';

export interface Listener {
  endpoint: string;
  /** Resolves when no client is connected and everything that was sent has been carried out. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

/** Listens on a free port of the loopback address. */
export async function listen(core: SimulatorCore): Promise<Listener> {
  let atWork = 0;
  const server = createServer((request, response) => {
    atWork++;
    answer(core, request, response)
      .catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined))
      .finally(() => atWork--);
  });
  const connections = () =>
    new Promise<number>((resolve, reject) =>
      server.getConnections((error, count) => (error === null ? resolve(count) : reject(error))),
    );
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    idle: async () => {
      while (atWork > 0 || (await connections()) > 0) await delay(1);
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(core: SimulatorCore, request: IncomingMessage, response: ServerResponse): Promise<void> {
  // Pages of any origin may call Cognito.
  response.setHeader('access-control-allow-origin', '*');
  if (request.method === 'OPTIONS') {
    response.setHeader('access-control-allow-headers', request.headers['access-control-request-headers'] ?? '');
    response.end();
    return;
  }
  const body = await bodyOf(request);
  const path = request.url ?? '/';
  if (path.startsWith(CONTROL_PATH)) {
    sendJson(response, 200, control(core, path.slice(CONTROL_PATH.length), body));
  } else if (path.startsWith(UPLOAD_PATH)) {
    sendUpload(core, request, response, body);
  } else if (!answerSts(body, response, core.now(), accessKeyOf(request)))
    await answerService(core, request, response, body);
}

async function answerService(core: SimulatorCore, request: IncomingMessage, response: ServerResponse, body: string) {
  const target = request.headers['x-amz-target'];
  const operation = typeof target === 'string' && target.startsWith(TARGET) ? target.slice(TARGET.length) : '';
  try {
    send(response, 200, await core.handle(operation, parse(body), accessKeyOf(request)));
  } catch (error) {
    if (error instanceof DroppedConnection) request.socket.destroy();
    else sendError(response, error instanceof ServiceError ? error : new ServiceError('SimulatorFault', `${error}`));
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

function parse(body: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(body);
  } catch {
    throw new ServiceError('SerializationException', 'The body is not JSON.');
  }
}

/** Signatures are not checked; whose key signed is told apart. */
const accessKeyOf = (request: IncomingMessage) =>
  /Credential=([^/,]+)\//.exec(request.headers.authorization ?? '')?.[1];

function sendError(response: ServerResponse, error: ServiceError): void {
  response.setHeader('x-amzn-errortype', error.type);
  send(response, error.status, { __type: error.type, message: error.message });
}

function send(response: ServerResponse, status: number, content: object): void {
  response.setHeader('content-type', 'application/x-amz-json-1.1');
  response.setHeader('x-amzn-requestid', randomUUID());
  sendJson(response, status, content);
}

function sendJson(response: ServerResponse, status: number, content: unknown): void {
  const body = Buffer.from(JSON.stringify(content));
  response.statusCode = status;
  response.setHeader('content-length', body.length);
  response.end(body);
}

/** The upload address of an import job refuses a file without the header that the real one signs. */
function sendUpload(core: SimulatorCore, request: IncomingMessage, response: ServerResponse, file: string): void {
  const [poolId = '', jobId = ''] = (request.url ?? '').slice(UPLOAD_PATH.length).split('/');
  const signed = request.headers['x-amz-server-side-encryption'] === 'aws:kms';
  if (request.method !== 'PUT' || !signed) sendJson(response, 403, { Code: 'SignatureDoesNotMatch' });
  else sendJson(response, upload(core.pool(poolId), jobId, file) === undefined ? 404 : 200, {});
}

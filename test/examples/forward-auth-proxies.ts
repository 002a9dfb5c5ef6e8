import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, createConnection, type Socket } from 'node:net';
import { join } from 'node:path';
import { NGINX } from '../support/tools.js';

const FORWARD_AUTH = new URL('../../examples/forward-auth/', import.meta.url);
export const exampleText = (name: string): string => readFileSync(new URL(name, FORWARD_AUTH), 'utf8');

/** What an upstream server received. */
interface Received {
  readonly method: string | undefined;
  readonly url: string | undefined;
  /** Names as they were sent. */
  readonly rawHeaders: readonly string[];
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly socket: Socket;
}

export interface Upstream {
  readonly server: Server;
  readonly port: number;
  readonly received: Received[];
}

/** An application, or a server in place of forward-auth. It answers 200 unless `answer` answers otherwise. */
export async function upstream(answer?: (req: IncomingMessage, res: ServerResponse) => void): Promise<Upstream> {
  const received: Received[] = [];
  const server = createServer(async (req, res) => {
    const { method, url, rawHeaders, headers, socket } = req;
    if (answer !== undefined) answer(req, res);
    let body = '';
    for await (const chunk of req) body += chunk;
    received.push({ method, url, rawHeaders, headers, body, socket });
    if (answer === undefined) res.end('the application');
  });
  const port = await listening(server);
  return { server, port, received };
}

export async function listening(server: Server, port = 0): Promise<number> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listening(server);
  server.close();
  await once(server, 'close');
  return port;
}

interface Ports {
  readonly proxy: number;
  readonly auth: number;
  readonly app: number;
}

const withPorts = (text: string, { proxy, auth, app }: Ports): string =>
  text
    .replaceAll('127.0.0.1:9000', `127.0.0.1:${auth}`)
    .replaceAll('127.0.0.1:3000', `127.0.0.1:${app}`)
    .replace('listen 8080;', `listen 127.0.0.1:${proxy};`)
    .replace(':8080 {', `http://:${proxy} {\n\tbind 127.0.0.1`);

export interface RunningProxy {
  readonly port: number;
  stop(): Promise<void>;
}

/** nginx with the configuration of the example, in a folder of its own, as any user. */
export async function startNginx(
  folder: string,
  ports: Omit<Ports, 'proxy'>,
  example = exampleText('nginx.conf'),
): Promise<RunningProxy> {
  const port = await freePort();
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `  ${name}_temp_path ${join(folder, name)};`)
    .join('\n');
  const config = withPorts(example, { ...ports, proxy: port }).replace(
    /^http \{$/m,
    `http {\n  access_log off;\n${paths}`,
  );
  writeFileSync(join(folder, 'nginx.conf'), config);
  const globals = `daemon off; worker_processes 1; pid ${join(folder, 'nginx.pid')}; error_log stderr warn;`;
  const args = ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', 'stderr', '-g', globals];
  return started(NGINX, args, port, folder);
}

/** Caddy with the configuration of the example. */
export async function startCaddy(folder: string, ports: Omit<Ports, 'proxy'>): Promise<RunningProxy> {
  const port = await freePort();
  const config = withPorts(exampleText('Caddyfile'), { ...ports, proxy: port });
  writeFileSync(join(folder, 'Caddyfile'), `{\n\tadmin off\n\tauto_https off\n}\n${config}`);
  const args = ['run', '--config', join(folder, 'Caddyfile'), '--adapter', 'caddyfile'];
  return started('caddy', args, port, folder);
}

async function started(command: string, args: readonly string[], port: number, folder: string): Promise<RunningProxy> {
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, HOME: folder } });
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text;
  });
  const ended = once(child, 'close');
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
  };
  for (let tries = 0; !(await accepts(port)); tries += 1) {
    if (child.exitCode !== null || tries > 400) throw new Error(`${command} does not serve: ${log}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return { port, stop };
}

function accepts(port: number): Promise<boolean> {
  const socket = createConnection(port, '127.0.0.1');
  return new Promise((resolve) => {
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
  }).then((isOpen) => {
    socket.destroy();
    return isOpen as boolean;
  });
}

export interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** One request, with header lines exactly as they are given. */
export function ask(
  port: number,
  headers: readonly string[] = [],
  { path = '/orders', method = 'GET', body }: { path?: string; method?: string; body?: string } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const lines = ['Host', 'app.example.com', ...headers];
    if (body !== undefined) lines.push('Content-Length', `${Buffer.byteLength(body)}`);
    const sent = request({ host: '127.0.0.1', port, path, method, headers: lines, agent: false }, async (res) => {
      let text = '';
      for await (const chunk of res.setEncoding('utf8')) text += chunk;
      resolve({ status: res.statusCode, headers: res.headers, body: text });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

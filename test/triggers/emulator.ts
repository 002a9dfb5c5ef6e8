import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';

/** A Lambda function: what it throws is what the caller gets. */
export type LambdaFunction = (event: never) => Promise<unknown>;

/** The Lambda API as far as Cognito uses it: invokes functions by name over HTTP and hands back what they return. */
export class LambdaEndpoint {
  readonly invocations: string[] = [];
  readonly #functions = new Map<string, LambdaFunction>();
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<LambdaEndpoint> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const endpoint = new LambdaEndpoint(server);
    server.on('request', async (req, res) => {
      const name = /^\/2015-03-31\/functions\/([^/]+)\/invocations/.exec(req.url ?? '')?.[1] ?? '';
      const body = await text(req);
      try {
        const result = await endpoint.#invoke(name, body);
        res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(result));
      } catch (error) {
        // What Lambda's runtime tells of an error that left the handler.
        const { name: errorType, message: errorMessage } = error as Error;
        res.writeHead(200, { 'x-amz-function-error': 'Unhandled' }).end(JSON.stringify({ errorType, errorMessage }));
      }
    });
    return endpoint;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  deploy(name: string, handler: LambdaFunction): void {
    this.#functions.set(name, handler);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #invoke(name: string, body: string): Promise<unknown> {
    this.invocations.push(name);
    const handler = this.#functions.get(name);
    if (handler === undefined) throw new Error(`no function ${name}`);
    return handler(JSON.parse(body) as never);
  }
}

/** cognito-local in a process of its own, with triggers if there are any. */
export class CognitoLocal {
  readonly endpoint: string;
  readonly #child: ChildProcess;
  readonly #directory: string;

  private constructor(endpoint: string, child: ChildProcess, directory: string) {
    this.endpoint = endpoint;
    this.#child = child;
    this.#directory = directory;
  }

  static async start(triggers: Readonly<Record<string, string>>, lambda?: LambdaEndpoint): Promise<CognitoLocal> {
    const port = await freePort();
    const directory = mkdtempSync(join(tmpdir(), 'cognito-local-'));
    mkdirSync(join(directory, '.cognito'));
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
    const config = {
      TriggerFunctions: triggers,
      LambdaClient: { credentials, region: 'local', endpoint: lambda?.url },
      TokenConfig: { IssuerDomain: `http://127.0.0.1:${port}` },
    };
    writeFileSync(join(directory, '.cognito', 'config.json'), JSON.stringify(config));
    const script = createRequire(import.meta.url).resolve('cognito-local/lib/bin/start.js');
    const child = spawn(process.execPath, [script], {
      cwd: directory,
      env: { ...process.env, PORT: `${port}`, HOST: '127.0.0.1', NODE_NO_WARNINGS: '1' },
      stdio: 'ignore',
    });
    const emulator = new CognitoLocal(`http://127.0.0.1:${port}`, child, directory);
    await emulator.#healthy();
    return emulator;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode === null) {
      this.#child.kill();
      await once(this.#child, 'exit');
    }
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async #healthy(): Promise<void> {
    for (;;) {
      if (this.#child.exitCode !== null) throw new Error(`cognito-local ended with ${this.#child.exitCode}`);
      const answer = await fetch(`${this.endpoint}/health`).catch(() => undefined);
      if (answer?.ok === true) return;
      await delay(50);
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

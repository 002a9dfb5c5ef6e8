import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DroppedConnection, ServiceError } from '../../support/cognito-simulator/errors.js';
import type { PoolOptions } from '../../support/cognito-simulator/pool.js';
import { SimulatorCore } from '../../support/cognito-simulator/simulator.js';
import { answerSts } from '../../support/cognito-simulator/sts.js';

const TARGET = 'AWSCognitoIdentityProviderService.';

/** A request as it arrived. */
interface Asked {
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** How many requests of this operation on this pool (and about this user) were before it, since the faults were set. */
  readonly nth: number;
}

/** The same, with the honest answer to it. */
export interface Exchange extends Asked {
  readonly status: number;
  readonly answer: unknown;
}

/** What is sent in place of the honest answer. */
export interface Forged {
  /** `reset`: the connection breaks instead. */
  readonly status: number | 'reset';
  readonly body: string;
  /** Announced in place of the real length, so that the answer is cut short. */
  readonly cut?: boolean;
  readonly contentType?: string;
  readonly errorType?: string;
}

interface Forgery {
  /** The pool carries out nothing: what it answers says so. */
  readonly refuses: boolean;
  forge(exchange: Exchange): Forged;
}

/** Decides what is sent; `undefined` for the honest answer. */
export type Forger = (asked: Asked) => Forgery | undefined;

/** Simulated pools behind an address whose answers can be forged. The pools can be replaced, the address stays. */
export class HostileCognito {
  core: SimulatorCore;
  forge: Forger = () => undefined;
  /** Called with each request, before it is carried out. */
  onRequest: (operation: string, input: Readonly<Record<string, unknown>>) => void = () => {};
  /** Called with each answer that was sent as JSON with status 200. */
  onShown: (operation: string, input: Readonly<Record<string, unknown>>, answer: unknown) => void = () => {};
  endpoint = '';
  requests = 0;
  readonly #counts = new Map<string, number>();
  readonly #server = createServer((request, response) => {
    this.#answer(request, response).catch(() => response.destroy());
  });

  constructor() {
    this.core = new SimulatorCore({ pools: [], quotas: null });
    // Sockets of clients that are gone must not be waited for.
    this.#server.keepAliveTimeout = 2_000;
  }

  async listen(): Promise<this> {
    // Commands find test credentials, and nothing of the machine's own; so do the processes that they run in.
    process.env['AWS_ACCESS_KEY_ID'] ??= 'AKIATEST';
    process.env['AWS_SECRET_ACCESS_KEY'] ??= 'secret';
    process.env['AWS_EC2_METADATA_DISABLED'] = 'true';
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    this.endpoint = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    return this;
  }

  /** New pools, honest answers, and counts from zero. */
  reset(pools: readonly PoolOptions[]): void {
    this.core = new SimulatorCore({ pools, quotas: null });
    this.onRequest = () => {};
    this.onShown = () => {};
    this.setForger(() => undefined);
  }

  setForger(forge: Forger): void {
    this.forge = forge;
    this.#counts.clear();
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    this.requests += 1;
    if (answerSts(body, response, this.core.now(), 'AKIATEST')) return;
    const target = String(request.headers['x-amz-target'] ?? '');
    const operation = target.startsWith(TARGET) ? target.slice(TARGET.length) : '';
    const input: Record<string, unknown> = JSON.parse(body || '{}');
    const key = `${operation} ${input['UserPoolId']} ${input['Username'] ?? ''}`;
    const nth = this.#counts.get(key) ?? 0;
    this.#counts.set(key, nth + 1);
    const forgery = this.forge({ operation, input, nth });
    this.onRequest(operation, input);
    let [status, answer, errorType]: [number, unknown, string | undefined] = [200, {}, undefined];
    try {
      if (forgery?.refuses !== true) answer = await this.core.handle(operation, input);
    } catch (error) {
      if (error instanceof DroppedConnection) return void request.socket.destroy();
      if (!(error instanceof ServiceError)) throw error;
      [status, answer, errorType] = [error.status, { __type: error.type, message: error.message }, error.type];
    }
    const forged = forgery?.forge({ operation, input, nth, status, answer });
    if (forged?.status === 'reset') return void request.socket.destroy();
    const text = forged?.body ?? JSON.stringify(answer);
    const type = forged === undefined ? errorType : forged.errorType;
    response.setHeader('content-type', forged?.contentType ?? 'application/x-amz-json-1.1');
    response.setHeader('x-amzn-requestid', '00000000-0000-4000-8000-000000000000');
    if (type !== undefined) response.setHeader('x-amzn-errortype', type);
    response.statusCode = forged?.status ?? status;
    const bytes = Buffer.from(text);
    if (forged?.cut === true) {
      response.setHeader('content-length', bytes.length + 100);
      response.write(bytes, () => request.socket.destroy());
      return;
    }
    if (response.statusCode === 200) this.#show(operation, input, text);
    response.setHeader('content-length', bytes.length);
    response.end(bytes);
  }

  #show(operation: string, input: Readonly<Record<string, unknown>>, text: string): void {
    try {
      this.onShown(operation, input, JSON.parse(text));
    } catch {
      // Not JSON: it showed nothing.
    }
  }
}

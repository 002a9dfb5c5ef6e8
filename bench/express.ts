import { type ChildProcess, fork } from 'node:child_process';
import { createPublicKey, type JsonWebKey } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { createTestPools, type TestPool, type TestPools } from '../src/testing/index.js';
import { median, type Row } from './measure.js';

const USERS = 1_000;
const CONNECTIONS = 20;
/** Of each contender, before the first round, to warm up the compiler and the caches. */
const WARM_UP_SECONDS = 3;

/** The first is what all others are compared with. */
const CONTENDERS = {
  constant: 'a middleware that only sets a constant req.auth',
  none: 'no authentication',
  'ours-hot': 'cognito-cutover, hot',
  'ours-cold': 'cognito-cutover, cold',
  'aws-jwt-verify': 'by hand on aws-jwt-verify',
  jose: 'by hand on jose',
  'fast-jwt': 'by hand on fast-jwt',
  'fast-jwt-cache': 'by hand on fast-jwt with its cache',
  'express-oauth2-jwt-bearer': 'express-oauth2-jwt-bearer',
  'express-jwt': 'express-jwt with jwks-rsa',
} as const;

export interface ExpressRow extends Row {
  /** The server's own CPU time per request, which other processes disturb less than throughput. */
  readonly cpuMicroseconds: number;
  /** Requests per CPU second as a multiple of the first contender's in the same round, median over the rounds. */
  readonly cpuRatio: number;
}

interface Sample {
  readonly microseconds: number;
  readonly cpuMicroseconds: number;
  /** Memory of the server process afterwards. */
  readonly rss: number;
}

/**
 * Express over loopback: one server process for each contender, 20 connections, ID tokens of 1 000 users of two pools.
 * The contenders take turns, and each round's ratios are to that round's first. `seconds` is the length of one sample.
 */
export async function runExpressBench(options: { rounds: number; seconds: number }): Promise<ExpressRow[]> {
  const pools = await createTestPools();
  const contenders: Contender[] = [];
  try {
    const requests = requestsOf(pools);
    for (const name of Object.keys(CONTENDERS)) {
      contenders.push(await Contender.start('express-server.mjs', [name], [pools.legacyPool, pools.newPool], requests));
    }
    const samples: Sample[][] = [];
    for (const contender of contenders) await contender.sample(WARM_UP_SECONDS);
    for (let round = 0; round < options.rounds; round++) {
      const taken: Sample[] = [];
      for (const contender of contenders) taken.push(await contender.sample(options.seconds));
      samples.push(taken);
    }
    return Object.values(CONTENDERS).map((name, index) => rowOf(name, index, samples));
  } finally {
    for (const contender of contenders) contender.stop();
    await pools.close();
  }
}

/** Requests with ID tokens, each of another user, of either pool. */
export function requestsOf(pools: TestPools, users = USERS): Buffer[] {
  return Array.from({ length: users }, (_, index) => {
    const person = pools.person();
    const token = (index % 2 === 0 ? person.legacy : person.new).idToken();
    return Buffer.from(`GET /orders HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\n\r\n`, 'latin1');
  });
}

function rowOf(name: string, index: number, samples: readonly Sample[][]): ExpressRow {
  const over = (value: (own: Sample, first: Sample) => number) =>
    median(samples.map((taken) => value(taken[index] as Sample, taken[0] as Sample)));
  return {
    name,
    microseconds: over((own) => own.microseconds),
    ratio: over((own, first) => first.microseconds / own.microseconds),
    cpuMicroseconds: over((own) => own.cpuMicroseconds),
    cpuRatio: over((own, first) => first.cpuMicroseconds / own.cpuMicroseconds),
  };
}

/**
 * A server process and the connections to it. On each there is one request at a time, so that the server is never idle and
 * never flooded.
 */
export class Contender {
  readonly #server: ChildProcess;
  readonly #sockets: readonly Socket[];
  readonly #requests: readonly Buffer[];
  #next = 0;

  private constructor(server: ChildProcess, sockets: readonly Socket[], requests: readonly Buffer[]) {
    this.#server = server;
    this.#sockets = sockets;
    this.#requests = requests;
  }

  /** @param program of a server, in this folder */
  static async start(
    program: string,
    args: readonly string[],
    pools: readonly TestPool[],
    requests: readonly Buffer[],
  ): Promise<Contender> {
    const file = fileURLToPath(new URL(program, import.meta.url));
    const server = fork(file, args, { env: { ...process.env, NODE_ENV: 'production' }, execArgv: [] });
    server.send(pools.map(described));
    const [{ port }] = await once(server, 'message');
    const sockets = Array.from({ length: CONNECTIONS }, () => connect(port, '127.0.0.1').setNoDelay());
    await Promise.all(sockets.map((socket) => once(socket, 'connect')));
    return new Contender(server, sockets, requests);
  }

  stop(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.disconnect();
  }

  async sample(seconds: number): Promise<Sample> {
    const end = performance.now() + seconds * 1_000;
    return this.#sample(() => performance.now() < end);
  }

  /** Sends the next `count` requests, each once. */
  async sampleOf(count: number): Promise<Sample> {
    const end = this.#next + count;
    return this.#sample(() => this.#next < end);
  }

  async #sample(goesOn: () => boolean): Promise<Sample> {
    const before = await this.#usage();
    const started = performance.now();
    const counts = await Promise.all(this.#sockets.map((socket) => this.#converse(socket, goesOn)));
    const answered = counts.reduce((sum, count) => sum + count, 0);
    const microseconds = ((performance.now() - started) * 1_000) / answered;
    const after = await this.#usage();
    return { microseconds, cpuMicroseconds: (after.cpu - before.cpu) / answered, rss: after.rss };
  }

  async #usage(): Promise<{ cpu: number; rss: number }> {
    this.#server.send('usage');
    const [{ user, system, rss }] = await once(this.#server, 'message');
    return { cpu: user + system, rss };
  }

  #converse(socket: Socket, goesOn: () => boolean): Promise<number> {
    return new Promise((resolve, reject) => {
      let answered = 0;
      const ask = () => socket.write(this.#requests[this.#next++ % this.#requests.length] as Buffer);
      // The body is always `{"ok":true}`, which arrives in one chunk with its headers.
      const stop = () => socket.off('data', hear).off('close', hangUp);
      const hear = (answer: Buffer) => {
        if (!answer.subarray(0, 12).equals(OK) || answer.at(-1) !== BRACE) {
          stop();
          return reject(new Error(`unexpected answer: ${answer.toString('latin1')}`));
        }
        answered += 1;
        if (goesOn()) return ask();
        stop();
        resolve(answered);
      };
      const hangUp = () => reject(new Error('the server closed a connection'));
      socket.on('data', hear).on('close', hangUp);
      ask();
    });
  }
}

/** A pool's options for a server process. */
function described(pool: TestPool) {
  const { userPoolId, clientId, issuer, jwksUri, options } = pool;
  const { keys } = pool.jwks();
  const pemOf = (jwk: JsonWebKey) =>
    createPublicKey({ key: jwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
  const pems = Object.fromEntries(keys.map((jwk) => [jwk.kid, pemOf(jwk)]));
  return { userPoolId, clientId, issuer, jwksUri, options, jwks: { keys }, pems };
}

const OK = Buffer.from('HTTP/1.1 200');
const BRACE = '}'.charCodeAt(0);

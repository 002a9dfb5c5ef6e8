import { connect, type Socket } from 'node:net';
import type { SoakAnswer } from './soak-model.js';

const PATIENCE_MS = 30_000;
const END_OF_HEAD = '\r\n\r\n';

/**
 * A keep-alive connection to a server, with one request at a time. Node's client would cost the machine more than the servers do, and
 * sends no header twice.
 */
export class Lane {
  readonly #port: number;
  #socket: Socket | undefined;

  constructor(port: number) {
    this.#port = port;
  }

  /** @throws Error where the connection ends without a whole answer */
  ask(authorization: readonly string[]): Promise<SoakAnswer> {
    this.#socket ??= connect(this.#port, '127.0.0.1').setNoDelay();
    const socket = this.#socket;
    return new Promise((resolve, reject) => {
      let text = '';
      const settle = (act: () => void) => {
        clearTimeout(timer);
        socket.removeAllListeners('data').removeAllListeners('close').removeAllListeners('error');
        act();
      };
      const fail = (error: Error) =>
        settle(() => {
          this.close();
          reject(error);
        });
      const timer = setTimeout(() => fail(new Error(`nothing within ${PATIENCE_MS} ms`)), PATIENCE_MS);
      socket.on('error', fail).on('close', () => fail(new Error('the connection was closed')));
      socket.on('data', (chunk) => {
        text += chunk.toString('latin1');
        try {
          const answer = answerIn(text);
          if (answer !== undefined) settle(() => resolve(answer));
        } catch (error) {
          fail(error as Error);
        }
      });
      const headers = authorization.map((value) => `Authorization: ${value}\r\n`).join('');
      socket.write(`GET /me HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n`, 'latin1');
    });
  }

  close(): void {
    this.#socket?.on('error', () => {}).destroy();
    this.#socket = undefined;
  }
}

/** The answer, once all of it has arrived. A refusal must have the headers that RFC 6750 and RFC 9110 want. */
function answerIn(text: string): SoakAnswer | undefined {
  const end = text.indexOf(END_OF_HEAD);
  if (end < 0) return undefined;
  const head = text.slice(0, end).toLowerCase();
  const length = Number(/^content-length: (\d+)$/m.exec(head)?.[1]);
  const body = text.slice(end + END_OF_HEAD.length);
  if (Number.isNaN(length)) throw new Error('an answer without a length');
  if (body.length < length) return undefined;
  if (body.length > length) throw new Error('more than one answer');
  const status = Number(head.slice(9, 12));
  if (status === 401 && !head.includes('\nwww-authenticate: bearer')) throw new Error('a 401 without a challenge');
  if (status === 503 && !head.includes('\nretry-after: ')) throw new Error('a 503 without Retry-After');
  return { status, ...JSON.parse(body) };
}

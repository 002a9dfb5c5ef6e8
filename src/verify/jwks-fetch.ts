import type { IncomingMessage } from 'node:http';
import { withTimeLimit } from '../time-limit.js';
import { badKeySet, badStatus, failedFetch } from './explain/key-troubles.js';
import { type KeySet, parseKeySet } from './key-set.js';
import type { JwksFetch } from './types.js';

/** Two keys of a pool take about 900 bytes. */
export const MAX_JWKS_BYTES = 64 * 1024;

/** It came from somewhere: the endpoint was reached. */
class TooLarge extends Error {}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_JWKS_BYTES) throw new TooLarge(`the answer is larger than ${MAX_JWKS_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/**
 * Fetches with Node's own client, which follows no redirect: the address of a pool's keys is fixed, and an answer from
 * anywhere else is not the pool's. The client is loaded at the first use; the global `fetch` costs a cold start 50 ms more.
 */
export const fetchJwks: JwksFetch = async (uri, { signal, headers }) => {
  const { request } = uri.startsWith('https:') ? await import('node:https') : await import('node:http');
  const ask = () =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const asked = request(uri, { signal, headers }, resolve).once('error', (error: NodeJS.ErrnoException) => {
        // A kept-alive connection that the server has closed meanwhile says nothing about the endpoint. A process that was
        // frozen notices it only when it writes. https://nodejs.org/api/http.html#requestreusedsocket
        if (asked.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE')) ask().then(resolve, reject);
        else reject(error);
      });
      asked.end();
    });
  const response = await ask();
  const status = response.statusCode ?? 0;
  if (status !== 200) response.destroy();
  return { status, text: () => textOf(response) };
};

/**
 * Fetches and reads the key set of a pool.
 *
 * @throws Error saying the likely cause; the reason of `ending`, once it aborts
 */
export async function fetchKeySet(
  uri: string,
  { fetch, timeoutMs, ending }: { readonly fetch: JwksFetch; readonly timeoutMs: number; readonly ending: AbortSignal },
): Promise<KeySet> {
  const ask = async (signal: AbortSignal) => {
    const response = await fetch(uri, { signal, redirect: 'error', headers: { accept: 'application/json' } });
    return response.status === 200 ? await response.text() : response.status;
  };
  let answer: unknown;
  try {
    // A real timer even with an injected clock: it guards against a connection that hangs.
    answer = await withTimeLimit({ timeoutMs, ending }, ask);
  } catch (error) {
    if (ending.aborted) throw error;
    throw error instanceof TooLarge ? badKeySet(uri, error) : failedFetch(uri, error, timeoutMs);
  }
  if (typeof answer === 'number') throw badStatus(uri, answer);
  try {
    if (typeof answer !== 'string' || answer.length > MAX_JWKS_BYTES) {
      throw new Error(`the answer is not a text of at most ${MAX_JWKS_BYTES} characters`);
    }
    return parseKeySet(JSON.parse(answer));
  } catch (error) {
    throw badKeySet(uri, error);
  }
}

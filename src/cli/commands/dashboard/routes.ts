import { createReadStream } from 'node:fs';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { State } from '../../../migrate/state/state.js';
import { admit } from './admission.js';
import type { LiveEvents } from './live-events.js';
import { PAGE_POLICY } from './page.js';
import { choiceOf, peopleCsv } from './people.js';
import { readQuery, type ViewQuery } from './view-query.js';

/** The script of the page: plain JavaScript, which is published as it stands. */
const SCRIPT = new URL('./live.js', import.meta.url);

const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="4" fill="#275ba1"/><path d="M3 5h7L8 3m5 8H6l2 2" fill="none" stroke="#fff" stroke-width="1.6"/></svg>';

/** A download occupies a connection and a reader of the state. */
const MOST_DOWNLOADS = 4;
/** A download of which nothing was read for so long is given up. */
const IDLE_MS = 60_000;

/** What every answer says: it is for this page only, it is not kept, and nothing else may embed or read it. */
const HEADERS = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': PAGE_POLICY,
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
} as const;

export interface RoutesOptions {
  /** The first part of every path; see {@link admit}. */
  readonly secret: string;
  readonly events: LiveEvents;
  /** The page as it is now. */
  readonly page: (query: ViewQuery) => Promise<string>;
  /** Opens the state file to read users from it. */
  readonly withState: <T>(work: (state: State) => Promise<T>) => Promise<T>;
}

/** Answers every request. No request can make it throw, and none changes anything. */
export function routes(options: RoutesOptions): RequestListener {
  const { secret } = options;
  let downloads = 0;
  const handlers: Readonly<Record<string, (asked: Asked) => Promise<void> | void>> = {
    '/': async ({ query, response }) => {
      send(response, 200, 'text/html; charset=utf-8', await options.page(readQuery(query)));
    },
    '/live.js': async ({ response }) => {
      response.writeHead(200, { ...HEADERS, 'Content-Type': 'text/javascript; charset=utf-8' });
      await pipeline(createReadStream(SCRIPT), response);
    },
    '/icon.svg': ({ response }) => send(response, 200, 'image/svg+xml', ICON),
    '/events': ({ response }) => {
      if (options.events.isFull) return refuse(response, 503, 'Too many pages are open. Close some of them.');
      response.writeHead(200, { ...HEADERS, 'Content-Type': 'text/event-stream' });
      options.events.add(response);
    },
    '/users.csv': async ({ query, response }) => {
      if (downloads >= MOST_DOWNLOADS) return refuse(response, 503, 'Too many downloads are running. Try again later.');
      downloads += 1;
      try {
        await sendCsv(options, readQuery(query), response);
      } finally {
        downloads -= 1;
      }
    },
  };
  return (request, response) => {
    // A browser that went away in the middle is not an error.
    response.on('error', () => {});
    const admission = admit(request, secret);
    if (admission.refused !== undefined) return refuse(response, admission.refused, admission.why);
    const { path, query } = admission;
    const handler = Object.hasOwn(handlers, path) ? handlers[path] : undefined;
    if (handler === undefined) return refuse(response, 404, 'There is nothing here.');
    if (request.method === 'HEAD') return void response.writeHead(200, HEADERS).end();
    Promise.resolve(handler({ query, request, response })).catch((error: unknown) => fail(response, error));
  };
}

interface Asked {
  readonly query: URLSearchParams;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { ...HEADERS, 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) }).end(body);
}

function refuse(response: ServerResponse, status: number, why: string): void {
  if (status === 405) response.setHeader('Allow', 'GET, HEAD');
  send(response, status, 'text/plain; charset=utf-8', `${why}\n`);
}

function sendCsv({ withState }: RoutesOptions, query: ViewQuery, response: ServerResponse): Promise<void> {
  return withState(async (state) => {
    const lines = peopleCsv(state, query);
    // Whatever is wrong with the state shows here, while the answer can still say so.
    const first = await lines.next();
    response.writeHead(200, {
      ...HEADERS,
      'Content-Type': 'text/csv; charset=utf-8; header=present',
      'Content-Disposition': `attachment; filename="cutover-${choiceOf(query) || 'for-a-person'}.csv"`,
    });
    response.setTimeout(IDLE_MS, () => response.destroy());
    await pipeline(Readable.from(withFirst(first, lines)), response);
  });
}

async function* withFirst(first: IteratorResult<string, unknown>, others: AsyncGenerator<string>) {
  if (first.done !== true) yield first.value;
  yield* others;
}

/** A page that cannot be made says why; what is half sent is cut off, so that it is not taken for the whole. */
function fail(response: ServerResponse, error: unknown): void {
  if (response.headersSent) response.destroy();
  else refuse(response, 500, error instanceof Error ? error.message : 'The page cannot be made.');
}

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent, get } from 'node:http';
import { fileURLToPath } from 'node:url';
import type { Answer } from './model.js';

const API = fileURLToPath(new URL('api-process.mjs', import.meta.url));
const PROBE_MS = 200;
const REQUEST_MS = 10_000;

/** One start of an instance. Times are milliseconds since the epoch. */
export interface Run {
  readonly startedAt: number;
  /** When it could count the first token at the earliest, and did count every one at the latest. */
  readonly readyAt: number;
  endedAt?: number;
  /** Whether it could say goodbye. */
  ending?: 'SIGTERM' | 'SIGKILL';
  /** Legacy tokens that it accepted. */
  readonly tokens: { readonly at: number; readonly expiresAt: number }[];
  /** Its answers, by pool, or by the code of a refusal. */
  readonly answers: Record<string, number>;
}

/** An API process with a name, which a load balancer sends requests to while it is ready. */
export class Instance {
  readonly runs: Run[] = [];
  /** What it wrote to its standard error, and ends that nobody asked for. There must be none. */
  readonly complaints: string[] = [];
  isReady = false;
  /** For how long it stood still at most, once it has ended by SIGTERM. */
  longestPauseMs = 0;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 50 });
  #child: ChildProcess | undefined;
  #port = 0;
  #probe: NodeJS.Timeout | undefined;

  constructor(
    readonly name: string,
    readonly config: object,
  ) {}

  async start(): Promise<void> {
    const startedAt = Date.now();
    const child = fork(API, {
      env: {
        PATH: process.env['PATH'],
        NODE_NO_WARNINGS: '1',
        CUTOVER_API: JSON.stringify({ ...this.config, instance: this.name }),
      },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      execArgv: [],
    });
    this.#child = child;
    child.stderr?.setEncoding('utf8').on('data', (text: string) => this.complaints.push(text.trim()));
    child.on('message', ({ longestPauseMs = 0 }: { longestPauseMs?: number }) => {
      this.longestPauseMs = Math.max(this.longestPauseMs, longestPauseMs);
    });
    const exit = once(child, 'exit');
    const ready = once(child, 'message').then(([message]) => message as { port: number });
    const first = await Promise.race([ready, exit.then(() => undefined)]);
    if (first === undefined) throw new Error(`${this.name} ended at its start: ${this.complaints.join('\n')}`);
    this.#port = first.port;
    while (!(await this.#probeOnce())) await new Promise((resolve) => setTimeout(resolve, 50));
    const run: Run = { startedAt, readyAt: Date.now(), tokens: [], answers: {} };
    this.runs.push(run);
    exit.then(([code, signal]) => {
      this.isReady = false;
      if (run.ending === undefined) this.complaints.push(`ended by itself with ${code ?? signal}`);
    });
    this.#probe = setInterval(() => void this.#probeOnce(), PROBE_MS);
  }

  /** Ends it. No new request is sent to it after a SIGTERM; a SIGKILL comes without notice. */
  async end(ending: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#child;
    const run = this.runs.at(-1);
    if (child === undefined || run === undefined) return;
    clearInterval(this.#probe);
    this.#child = undefined;
    run.ending = ending;
    if (ending === 'SIGTERM') {
      this.isReady = false;
      // Requests in flight are answered first, as behind a load balancer.
      await new Promise((resolve) => setTimeout(resolve, PROBE_MS));
    }
    const exit = once(child, 'exit');
    child.kill(ending);
    await exit;
    run.endedAt = Date.now();
  }

  /** @throws when the connection fails */
  async ask(token: string): Promise<Answer> {
    const { status, headers, body } = await this.#get('/me', { authorization: `Bearer ${token}` });
    const { userId, pool, code, reason } = JSON.parse(body) as Answer;
    const text = (name: string) => (typeof headers[name] === 'string' ? headers[name] : undefined);
    return defined({ status, userId, pool, code, reason, deprecation: text('deprecation'), sunset: text('sunset') });
  }

  /** What the metrics of the present run say about its decisions, in the same form as {@link Run.answers}. */
  async decisions(): Promise<Record<string, number>> {
    const { body } = await this.#get('/metrics', {});
    const counts: Record<string, number> = {};
    for (const [, labels = '', count] of body.matchAll(/^cognito_cutover_token_decisions_total\{(.*)\} (\d+)/gm)) {
      const label = (name: string) => new RegExp(`(?:^|,)${name}="([^"]*)"`).exec(labels)?.[1];
      const key = label('error_type') ?? label('cognito_cutover_pool') ?? labels;
      counts[key] = (counts[key] ?? 0) + Number(count);
    }
    return counts;
  }

  async #probeOnce(): Promise<boolean> {
    this.isReady = await this.#get('/ready', {}).then(
      ({ status }) => status === 200,
      () => false,
    );
    return this.isReady;
  }

  #get(path: string, headers: Record<string, string>) {
    return new Promise<{ status: number; headers: Record<string, unknown>; body: string }>((resolve, reject) => {
      const options = { port: this.#port, host: '127.0.0.1', path, headers, agent: this.#agent, timeout: REQUEST_MS };
      const request = get(options, (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (text) => (body += text));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
        response.on('error', reject);
      });
      request.on('timeout', () => request.destroy(new Error(`no answer within ${REQUEST_MS} ms`)));
      request.on('error', reject);
    });
  }
}

function defined(answer: { [Name in keyof Answer]: Answer[Name] | undefined }): Answer {
  return Object.fromEntries(Object.entries(answer).filter(([, value]) => value !== undefined)) as unknown as Answer;
}

import type { JsonWebKeySet, JwksFetch } from '../../src/index.js';
import type { FakeClock } from './fake-clock.js';

type Answer = { readonly status: number; readonly text: () => Promise<string> };

/** The JWKS endpoint of one pool as a verifier sees it through `keys.fetch`, with answers given by the test. */
export class KeyEndpoint {
  /** When it was asked, in seconds since it was made. */
  readonly askedAt: number[] = [];
  /** Settled by the test, one per question that came while `hold` was on. */
  readonly held: { readonly answer: (body: string) => void; readonly signal: AbortSignal }[] = [];
  hold = false;
  status = 200;
  body: string;
  readonly #clock: FakeClock;
  readonly #start: number;

  constructor(clock: FakeClock, jwks: JsonWebKeySet) {
    this.#clock = clock;
    this.#start = clock.now();
    this.body = JSON.stringify(jwks);
  }

  publish(jwks: JsonWebKeySet): void {
    this.body = JSON.stringify(jwks);
  }

  fetch: JwksFetch = (_uri, { signal }) => {
    this.askedAt.push((this.#clock.now() - this.#start) / 1000);
    if (!this.hold) return Promise.resolve(answerOf(this.status, this.body));
    return new Promise<Answer>((resolve) => {
      this.held.push({ answer: (body) => resolve(answerOf(200, body)), signal });
    });
  };
}

function answerOf(status: number, body: string): Answer {
  return { status, text: async () => body };
}

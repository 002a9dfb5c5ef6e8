import type { Random } from '../support/cognito-simulator/random.js';
import type { Instance } from './fleet.js';
import { type Answer, type Fault, faultOf, type TokenFacts, type World } from './model.js';
import type { Credential, Town } from './people.js';

const TICK_MS = 20;
/** Someone waits so long for an instance that is ready. */
const PATIENCE_MS = 3_000;

export interface LoadFault extends Fault {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly instance: string;
  readonly token: TokenFacts;
}

export interface Tally {
  requests: number;
  accepted: { legacy: number; new: number };
  refused: Record<string, number>;
  /** Requests that were sent again, because their instance was killed. */
  repeated: number;
}

const emptyTally = (): Tally => ({ requests: 0, accepted: { legacy: 0, new: 0 }, refused: {}, repeated: 0 });

export interface LoadOptions {
  readonly town: Town;
  readonly world: World;
  readonly fleet: readonly Instance[];
  readonly random: Random;
  readonly perSecond: number;
  onFault(fault: LoadFault): void;
  /** Called with every token of the legacy pool that was accepted. */
  onLegacyToken(instance: Instance, token: TokenFacts, answeredAt: number): void;
}

/** Sends requests at a steady rate, as a load balancer would, and judges every answer. */
export class Load {
  readonly faults: LoadFault[] = [];
  readonly total = emptyTally();
  #lately = emptyTally();
  readonly #options: LoadOptions;
  readonly #inFlight = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #due = 0;

  constructor(options: LoadOptions) {
    this.#options = options;
  }

  start(): void {
    let last = performance.now();
    this.#timer = setInterval(() => {
      const now = performance.now();
      // After a pause of this process, what is due is not sent all at once.
      this.#due += Math.min(now - last, 10 * TICK_MS) * (this.#options.perSecond / 1000);
      last = now;
      for (; this.#due >= 1; this.#due -= 1) this.#send();
    }, TICK_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#inFlight);
  }

  /** What happened since this was asked last. */
  takeTally(): Tally {
    const tally = this.#lately;
    this.#lately = emptyTally();
    return tally;
  }

  #send(): void {
    const request = this.#ask(this.#options.town.credential(Date.now()));
    this.#inFlight.add(request);
    void request.finally(() => this.#inFlight.delete(request));
  }

  async #ask({ token, facts }: Credential): Promise<void> {
    const { world, onLegacyToken } = this.#options;
    for (;;) {
      const instance = await this.#readyInstance();
      if (instance === undefined) return this.#fault('none', facts, { kind: 'no answer', detail: 'none is ready' });
      const run = instance.runs.at(-1);
      const sentAt = Date.now();
      let answer: Answer;
      try {
        answer = await instance.ask(token);
      } catch (error) {
        // A load balancer sends a request again whose instance was killed. No other instance may lose one.
        if (run?.ending === undefined) {
          const detail = error instanceof Error ? error.message : `${error}`;
          return this.#fault(instance.name, facts, { kind: 'no answer', detail });
        }
        for (const tally of [this.total, this.#lately]) tally.repeated += 1;
        continue;
      }
      const answeredAt = Date.now();
      this.#count(answer, run?.answers ?? {});
      if (answer.status === 200 && facts.pool === 'legacy') onLegacyToken(instance, facts, answeredAt);
      const fault = faultOf(answer, facts, world.expected(facts, sentAt, answeredAt));
      return fault === undefined ? undefined : this.#fault(instance.name, facts, fault);
    }
  }

  async #readyInstance(): Promise<Instance | undefined> {
    for (const until = performance.now() + PATIENCE_MS; performance.now() < until; ) {
      const ready = this.#options.fleet.filter(({ isReady }) => isReady);
      if (ready.length > 0) return ready[Math.floor(this.#options.random() * ready.length)];
      await new Promise((resolve) => setTimeout(resolve, TICK_MS));
    }
    return undefined;
  }

  #count({ status, pool, code = `${status}` }: Answer, ofRun: Record<string, number>): void {
    const key = status === 200 ? `${pool}` : code;
    ofRun[key] = (ofRun[key] ?? 0) + 1;
    for (const tally of [this.total, this.#lately]) {
      tally.requests += 1;
      if (status === 200) tally.accepted[pool === 'legacy' ? 'legacy' : 'new'] += 1;
      else tally.refused[code] = (tally.refused[code] ?? 0) + 1;
    }
  }

  #fault(instance: string, token: TokenFacts, fault: Fault): void {
    const noted = { ...fault, at: Date.now(), instance, token };
    this.faults.push(noted);
    this.#options.onFault(noted);
  }
}

import { setTimeout } from 'node:timers/promises';
import { type DrainQuestion, drainVerdict, type Verdict } from './drain-model.js';
import type { Instance } from './fleet.js';
import type { World } from './model.js';
import type { Operator } from './operator.js';
import { DRAIN, LIFETIMES } from './seconds.js';
import type { Timeline } from './timeline.js';

const LONGEST_WAIT_MS = 60_000;
/** So long before it is safe, `drain` is asked once more. */
const JUST_BEFORE_MS = 2_500;

/** Asks `drain`, as often as one likes, and knows what it must answer. */
export class DrainChecks {
  /** What it answered, in their order. */
  readonly answers: { readonly at: number; readonly safe: boolean; readonly fault?: string }[] = [];
  readonly #operator: Operator;
  readonly #fleet: readonly Instance[];
  readonly #world: World;
  readonly #timeline: Timeline;

  constructor(operator: Operator, fleet: readonly Instance[], world: World, timeline: Timeline) {
    this.#operator = operator;
    this.#fleet = fleet;
    this.#world = world;
    this.#timeline = timeline;
  }

  /** Asks, and compares the answer with what the model says. */
  async ask(expected = this.#fleet.length): Promise<boolean> {
    const from = Date.now();
    const { safeToClose: safe, reasons } = await this.#operator.drain(LIFETIMES.refreshSeconds, expected);
    const until = Date.now();
    const verdict = this.#verdict({ expected, from, until });
    const isHanging = this.#world.storeOutages.some((outage) => outage.from <= from && until <= outage.until);
    const wanted = isHanging ? false : verdict.safe;
    const unnamed = isHanging ? [] : verdict.missing.filter((name) => !reasons.some((one) => one.includes(name)));
    const faults = [
      ...(wanted !== 'either' && wanted !== safe ? [`it is ${wanted ? 'safe' : 'not safe'} to close`] : []),
      ...(!safe && reasons.length === 0 ? ['it gives no reason'] : []),
      ...unnamed.map((name) => `no reason names ${name}`),
    ];
    this.answers.push({ at: until, safe, ...(faults.length > 0 && { fault: faults.join(', ') }) });
    this.#timeline.say(`drain: ${safe ? 'safe to close' : `not yet. ${reasons.join(' ')}`}`);
    if (faults.length > 0) this.#timeline.say(`FAULT of drain: ${faults.join(', ')}`);
    return safe;
  }

  /** Asks just before it becomes safe, and then passes the time until `drain` must say that it is. */
  async untilQuiet(): Promise<void> {
    await this.#until(({ earliest }) => Date.now() >= earliest - JUST_BEFORE_MS);
    await this.ask();
    await this.#until(({ safe }) => safe === true);
  }

  async #until(isReached: (verdict: Verdict) => boolean): Promise<void> {
    for (const until = Date.now() + LONGEST_WAIT_MS; Date.now() < until; ) {
      const [from, expected] = [Date.now(), this.#fleet.length];
      if (isReached(this.#verdict({ expected, from, until: from }))) return;
      await setTimeout(100);
    }
    throw new Error('The legacy pool does not become quiet, so the scenario is wrong.');
  }

  #verdict(question: DrainQuestion) {
    return drainVerdict(new Map(this.#fleet.map(({ name, runs }) => [name, runs])), DRAIN, question);
  }
}

import type { Clock } from '../../../clock.js';
import { ConfigurationError } from '../../../errors.js';
import { MigrationError } from '../../../migrate/migration-error.js';
import type { DrainReport } from '../../../operate/drain/drain-types.js';
import type { CommonSettings } from '../../options/common.js';
import { LiveSource, type Problem, type Reading } from './live-source.js';
import type { Readings } from './panels/overview.js';
import type { PhaseView } from './panels/phase-panel.js';
import { readStateView, type StateView } from './state-view.js';

/** How often each source is read while somebody looks. */
const STATE_MS = 2_000;
const STORE_MS = 10_000;
/** So long a page waits for a source before it is shown without it. */
const FIRST_PAINT_MS = 400;

/** How the stores are read; each opens its connection anew, so that one that is lost is not missed for long. */
export interface StoreReaders {
  readonly drain?: (signal: AbortSignal) => Promise<DrainReport>;
  readonly phase?: (signal: AbortSignal) => Promise<PhaseView>;
}

/** Everything that the page shows. */
export class Sources {
  readonly #state: LiveSource<StateView>;
  readonly #drain: LiveSource<DrainReport> | undefined;
  readonly #phase: LiveSource<PhaseView> | undefined;
  readonly #clock: Clock;
  #version = 0;

  constructor(settings: CommonSettings, stores: StoreReaders, clock: Clock, onChange: () => void) {
    const changed = () => {
      this.#version += 1;
      onChange();
    };
    const of = <T>(read: (signal: AbortSignal) => Promise<T>, everyMs: number) =>
      new LiveSource({ read, everyMs, explain, clock, onChange: changed });
    this.#clock = clock;
    this.#state = of(() => readStateView(settings), STATE_MS);
    this.#drain = stores.drain && of(stores.drain, STORE_MS);
    this.#phase = stores.phase && of(stores.phase, STORE_MS);
  }

  /** Increases when something changed for a reader. */
  get version(): number {
    return this.#version;
  }

  /** When each source was last read, of those that can be read now. */
  get readAt(): Readonly<Record<string, number>> {
    const known = Object.entries<Reading<unknown>>({ ...this.readings }).filter(
      ([, { problem }]) => problem === undefined,
    );
    return Object.fromEntries(known.flatMap(([key, { readAt }]) => (readAt === undefined ? [] : [[key, readAt]])));
  }

  get readings(): Readings {
    return {
      state: this.#state.reading,
      ...(this.#drain && { drain: this.#drain.reading }),
      ...(this.#phase && { phase: this.#phase.reading }),
    };
  }

  /** Reads what is old, and does not wait long for it. */
  async refresh(): Promise<void> {
    const over = new AbortController();
    const all = Promise.all(this.#all.map((source) => source.refresh()));
    await Promise.race([all, this.#clock.sleep(FIRST_PAINT_MS, over.signal).catch(() => {})]);
    over.abort();
  }

  /** Reads everything again and again until nobody looks. */
  async follow(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#all.map((source) => source.follow(signal)));
  }

  get #all(): readonly LiveSource<unknown>[] {
    return [this.#state, this.#drain, this.#phase].filter((source) => source !== undefined);
  }
}

const AWAITED = 'This page shows it as soon as it is there.';

/** What a failure means to whoever looks at the page. */
export function explain(error: unknown): Omit<Problem, 'since'> {
  if (error instanceof MigrationError) {
    const { code, message, fix } = error;
    const isAwaited = code === 'ERR_STATE_NOT_READY';
    const parts = [sentence(message), ...(fix === undefined ? [] : [fix]), ...(isAwaited ? [AWAITED] : [])];
    return { text: parts.join('\n'), isAwaited, isGone: isAwaited || code === 'ERR_STATE_INVALID' };
  }
  const isOurs = error instanceof ConfigurationError;
  const text = error instanceof Error ? error.message : 'It failed without an error.';
  return { text: sentence(text), isAwaited: false, isGone: isOurs };
}

const sentence = (text: string): string =>
  `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;

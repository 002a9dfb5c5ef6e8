import { isLambda } from '../../aws-lambda.js';
import { CutoverError } from '../../errors.js';
import { tell } from '../../thenable.js';
import { withTimeLimit } from '../../time-limit.js';
import {
  type Announcement,
  LEGACY_WINDOW,
  type LegacyTokenPhases,
  type LegacyWindow,
  type PhasesInside,
} from './legacy-window.js';
import { nextSignInLimit } from './next-phase.js';
import { checkPlan, type PlanTimes, phaseAt, planOf, samePlan } from './phase-plan.js';
import type { PhaseEvent, PhaseStatus } from './phase-source.js';
import { checkPhasesOptions, type Phases, type PhasesOptions, type PhasesSettings } from './phases-options.js';

/** How many may wait for one poll. Each holds a token of up to 16 KiB, and anybody can send a token that names the pool. */
const MAX_WAITING = 1_000;

/** While nothing is known: the first pause, which doubles up to `pollSeconds`. */
const FIRST_PAUSE_MS = 1_000;

/**
 * Follows a plan in a store: when legacy tokens are announced to end, from when new sign-ins are refused, when the pool is closed.
 *
 * The source is polled, and the last known plan stays in use, for ever, while it fails. Tokens of the new pool never depend on it.
 * Before the first answer a legacy token waits for it, and is refused with `ERR_KEYS_UNAVAILABLE` (503) where it does not come,
 * unless `initial` says what holds.
 *
 * @throws {@link ConfigurationError} when an option is wrong
 */
export function createPhases(options: PhasesOptions): Phases {
  return new PolledPhases(options);
}

class PolledPhases implements Phases {
  readonly next: LegacyTokenPhases;
  readonly #settings: PhasesSettings;
  /** A process that is frozen between calls does nothing in the background: due polls are awaited, and no timer runs. */
  readonly #isFrozen = isLambda();
  readonly #closing = new AbortController();
  readonly #startedAt: number;
  #times: PlanTimes | undefined;
  #announcement: Announcement | undefined;
  #answer: { readonly passed: number; readonly date: number } | undefined;
  #poll: Promise<Error | undefined> | undefined;
  /** When the last poll ended. */
  #askedAt: number;
  #dueAt = Number.NEGATIVE_INFINITY;
  /** Whether the poll under way began so late that what is known must not be used meanwhile. */
  #isLate = false;
  #failures = 0;
  #error: Error | undefined;
  #waiting = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: PhasesOptions) {
    this.#settings = checkPhasesOptions(options);
    const { initial, now, passed } = this.#settings;
    this.#startedAt = now();
    this.#askedAt = passed();
    if (initial !== undefined) this.#use(initial);
    const status = () => this.status();
    const inside = { announced: () => this.#announced() };
    Object.defineProperty(this, LEGACY_WINDOW, { value: { ...inside, window: this.#window() } satisfies PhasesInside });
    const next = { ...inside, window: this.#window(nextSignInLimit) } satisfies PhasesInside;
    this.next = Object.freeze({ status, ...{ [LEGACY_WINDOW]: next } });
    void this.#pollOnce();
  }

  async ready(): Promise<PhaseStatus> {
    if (this.#answer === undefined) {
      this.#usable(true);
      await this.#poll;
    }
    return this.status();
  }

  async refresh(): Promise<PhaseStatus> {
    // A poll that began earlier may answer what was there before the change.
    await this.#poll;
    const error = await this.#pollOnce();
    if (error !== undefined) throw error;
    return this.status();
  }

  status(): PhaseStatus {
    const times = this.#times;
    const answer = this.#answer;
    return {
      phase: times && phaseAt(times, this.#settings.now()),
      plan: times && planOf(times),
      ...(answer && {
        answeredAt: new Date(answer.date),
        ageSeconds: (this.#settings.passed() - answer.passed) / 1_000,
      }),
      ...(this.#error && { error: this.#error }),
    };
  }

  close(): void {
    this.#closing.abort(new Error('The phases are closed.'));
    clearTimeout(this.#timer);
  }

  #window(signInLimit: typeof nextSignInLimit = ({ acceptSignInsBefore }) => acceptSignInsBefore): LegacyWindow {
    const startedAt = this.#startedAt;
    return {
      usable: (canWait) => this.#usable(canWait),
      settle: () => this.#settle(),
      ready: () => this.ready(),
      acceptUntil: () => (this.#times === undefined ? Number.NaN : this.#times.acceptUntil),
      acceptSignInsBefore: (now) => (this.#times === undefined ? Number.NaN : signInLimit(this.#times, now, startedAt)),
      unknown: () => this.#unknown(),
    };
  }

  #usable(canWait: boolean): boolean {
    // Where the timer stands still, as in a process that was stopped, the first token after it starts the poll.
    if (this.#poll === undefined && this.#settings.passed() >= this.#dueAt) void this.#pollOnce();
    if (this.#times === undefined) return false;
    return !(canWait && this.#isLate && this.#poll !== undefined);
  }

  async #settle(): Promise<void> {
    if (this.#waiting >= MAX_WAITING) return;
    this.#waiting += 1;
    await this.#poll;
    this.#waiting -= 1;
  }

  #unknown(): CutoverError {
    const waitMs = Math.max(0, this.#dueAt - this.#settings.passed());
    const message =
      'Whether tokens of the legacy pool are still accepted is currently unknown: the source of the phases has not answered yet.';
    return new CutoverError('ERR_KEYS_UNAVAILABLE', message, {
      pool: 'legacy',
      retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1_000)),
      cause: this.#error,
    });
  }

  #announced(): Announcement | undefined {
    return this.#times !== undefined && this.#settings.now() >= this.#times.announceFrom
      ? this.#announcement
      : undefined;
  }

  /** Does not reject: resolves with what the poll failed with. */
  #pollOnce(): Promise<Error | undefined> {
    if (this.#closing.signal.aborted) return Promise.resolve(this.#closing.signal.reason);
    if (this.#poll !== undefined) return this.#poll;
    clearTimeout(this.#timer);
    this.#isLate = this.#isFrozen || this.#settings.passed() - this.#askedAt > 2 * this.#settings.pollMs;
    this.#poll = this.#askSource().then((error) => {
      this.#poll = undefined;
      this.#planNextPoll();
      return error;
    });
    return this.#poll;
  }

  async #askSource(): Promise<Error | undefined> {
    try {
      const { ask, timeoutMs } = this.#settings;
      const answer = await withTimeLimit({ timeoutMs, ending: this.#closing.signal }, async (signal) => ask(signal));
      this.#keep(checkPlan('source', answer));
      return undefined;
    } catch (cause) {
      const error = cause instanceof Error ? cause : new Error('the source failed', { cause });
      if (this.#closing.signal.aborted) return error;
      this.#failures += 1;
      this.#error = error;
      if (this.#failures === 1) this.#tell('failed');
      return error;
    }
  }

  #keep(times: PlanTimes): void {
    const isChanged = this.#answer === undefined || this.#times === undefined || !samePlan(this.#times, times);
    const hadFailed = this.#failures > 0;
    this.#use(times);
    this.#answer = { passed: this.#settings.passed(), date: this.#settings.now() };
    this.#failures = 0;
    this.#error = undefined;
    if (hadFailed) this.#tell('recovered');
    if (isChanged) this.#tell('changed');
  }

  #use(times: PlanTimes): void {
    const { announceFrom, acceptUntil } = times;
    this.#times = times;
    this.#announcement = {
      deprecation: `@${Math.floor(announceFrom / 1_000)}`,
      sunset: acceptUntil === Number.POSITIVE_INFINITY ? undefined : new Date(acceptUntil).toUTCString(),
    };
  }

  #planNextPoll(): void {
    const isWaitedFor = this.#times === undefined && this.#failures > 0;
    const pauseMs = isWaitedFor
      ? Math.min(FIRST_PAUSE_MS * 2 ** (this.#failures - 1), this.#settings.pollMs)
      : this.#settings.pollMs;
    this.#askedAt = this.#settings.passed();
    this.#dueAt = this.#askedAt + pauseMs;
    if (this.#isFrozen || this.#closing.signal.aborted) return;
    // A little early, each instance by another amount: they must not all ask at the same moment.
    const ms = pauseMs * (0.8 + 0.2 * Math.random());
    this.#timer = setTimeout(() => void this.#pollOnce(), ms).unref();
  }

  #tell(outcome: PhaseEvent['outcome']): void {
    tell(this.#settings.onEvent, { type: 'phases', outcome, status: this.status() });
  }
}

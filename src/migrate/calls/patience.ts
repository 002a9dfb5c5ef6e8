import { type Clock, stopwatch } from '../../clock.js';
import { DirectoryError, type DirectoryErrorKind, isExpiry } from '../../directory/user-types.js';
import { checkNumber } from '../../options.js';
import { isNoAnswer, lacksCredentials } from './likely-cause.js';

/** How long a run waits for Cognito by default. */
const DEFAULT_PATIENCE_MS = 3_600_000;

/** The limit before the first answer: a wrong address or a missing network should be reported soon. */
const AT_FIRST_MS = 10_000;

/** What of it passes while the command starts and ends. */
const STARTING_MS = 1500;

/** Throttling is normal: a run always waits at least this long for it to end. */
const FOR_THROTTLES_MS = 120_000;

/** After this many failures of one call, answers that do not fit the API are no longer considered temporary. */
export const MOST_FAILURES = 12;

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 20_000;

/** Failures further apart are unrelated, because nothing was sent in between. */
const CONNECTED_MS = 120_000;

const SHOWN_AFTER_MS = 3_000;
const SILENCE_MS = 60_000;

const PASSING: readonly DirectoryErrorKind[] = ['throttled', 'unavailable', 'answer'];

/** Failures that are not a pool's answer to the request. */
const NO_ANSWER: readonly DirectoryErrorKind[] = [...PASSING, 'credentials'];

/** Whether the same call may succeed a little later. */
export function mayPass(error: unknown): error is DirectoryError {
  return error instanceof DirectoryError && PASSING.includes(error.kind);
}

export interface PatienceOptions {
  readonly clock: Clock;
  /** @defaultValue an hour */
  readonly patienceMs?: number | undefined;
  /**
   * Called repeatedly with the reason while calls fail, and with `undefined` when a call succeeds again; with `each` for retries of
   * which each is worth a line. `null` turns off these reports and the check for calls that hang.
   */
  readonly onWaiting: ((reason: string | undefined, how?: 'each') => void) | null;
  readonly random?: (() => number) | undefined;
}

/** @throws {@link ConfigurationError} */
function checkPatience(patienceMs: number | undefined): number {
  const range = { min: 0, max: 30 * 86_400_000, fallback: DEFAULT_PATIENCE_MS };
  return checkNumber('patienceMs', patienceMs, range);
}

/**
 * How long failing calls are repeated. All calls of a run share one, because an answer to any of them shows that the network
 * works. The time counts from the first failure after the last answer, on a monotonic clock.
 */
export class Patience {
  readonly #clock: Clock;
  readonly #passed: () => number;
  readonly #limitMs: number;
  readonly #onWaiting: PatienceOptions['onWaiting'];
  readonly #random: () => number;
  /** Cognito answered in this run. */
  #reached = false;
  /** How long the last attempt took. */
  #lastTook = 0;
  /** Cognito accepted a call, so the credentials were valid. */
  #answered = false;
  #streak: Streak | undefined;
  #isShown = false;
  #inFlight = 0;
  #landedAt = 0;
  #silence: AbortController | undefined;

  constructor({ clock, patienceMs, onWaiting, random = Math.random }: PatienceOptions) {
    this.#clock = clock;
    this.#passed = stopwatch(clock);
    this.#limitMs = checkPatience(patienceMs);
    this.#onWaiting = onWaiting;
    this.#random = random;
  }

  /** For a call outside a run. */
  static ofOneCall(clock: Clock, random?: () => number): Patience {
    const patience = new Patience({ clock, patienceMs: FOR_THROTTLES_MS, random, onWaiting: null });
    patience.#reached = true;
    return patience;
  }

  /** One attempt of one call. */
  async watch<T>(send: () => Promise<T>): Promise<T> {
    if (this.#inFlight === 0 && this.#onWaiting !== null) void this.#watchSilence();
    this.#inFlight += 1;
    const sentAt = this.#passed();
    try {
      const answer = await send();
      this.#gotThrough();
      return answer;
    } catch (error) {
      if (error instanceof DirectoryError) {
        if (!NO_ANSWER.includes(error.kind)) this.#gotThrough();
        else if (error.kind === 'throttled') this.#reached = true;
      }
      throw error;
    } finally {
      this.#landedAt = this.#passed();
      this.#lastTook = this.#landedAt - sentAt;
      this.#inFlight -= 1;
      if (this.#inFlight === 0) this.#silence?.abort();
    }
  }

  /** Whether to repeat the call: credentials that were valid before may be renewed in the meantime. */
  mayPass(error: unknown): error is DirectoryError {
    if (!(error instanceof DirectoryError)) return false;
    const wereValid = this.#answered && error.place?.accepted !== false;
    return (wereValid && isExpiry(error)) || mayPass(error);
  }

  /** Whether nothing has answered yet. One pool may answer while the address of the other is mistyped. */
  #isFirst({ kind, place }: DirectoryError): boolean {
    return kind !== 'throttled' && (!this.#reached || place?.answered === false);
  }

  /** The failures of one call. */
  trouble(): Trouble {
    let own: Streak | undefined;
    let begunAt: number | undefined;
    let pause = FIRST_PAUSE_MS / 2;
    const trouble = {
      failures: 0,
      pauseAfter: (error: unknown) => {
        if (!this.mayPass(error)) return undefined;
        trouble.failures += 1;
        const now = this.#passed();
        own = prolong(own, now);
        this.#streak = prolong(this.#streak, now);
        const isFirst = this.#isFirst(error);
        begunAt ??= now - this.#lastTook;
        // At the start the limit is for the whole wait, so the next attempt must also have time to fail.
        const from = isFirst ? begunAt - this.#lastTook : Math.min(own.since, this.#streak.since);
        const left = from + this.#limitFor(error) - now;
        if (left <= 0 || (error.kind === 'answer' && trouble.failures >= MOST_FAILURES)) return undefined;
        if (isFirst) this.#show(firstReason(error, left + this.#lastTook), 'each');
        else if (now - this.#streak.since >= SHOWN_AFTER_MS) this.#show(reasonOf(error));
        pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
        // The last attempt is made when the time is up.
        return Math.min(pause * (0.5 + this.#random() / 2), left);
      },
    };
    return trouble;
  }

  #limitFor(error: DirectoryError): number {
    if (error.kind === 'throttled') return Math.max(FOR_THROTTLES_MS, this.#limitMs);
    return this.#isFirst(error) ? Math.min(AT_FIRST_MS - STARTING_MS, this.#limitMs) : this.#limitMs;
  }

  #gotThrough(): void {
    this.#reached = true;
    this.#answered = true;
    this.#streak = undefined;
    this.#show(undefined);
  }

  #show(reason: string | undefined, how?: 'each'): void {
    if (reason !== undefined || this.#isShown) this.#onWaiting?.(reason, how);
    this.#isShown = reason !== undefined;
  }

  /** Reports calls that hang, because they do not fail. */
  async #watchSilence(): Promise<void> {
    const silence = new AbortController();
    this.#silence = silence;
    this.#landedAt = this.#passed();
    try {
      for (;;) {
        const left = this.#landedAt + SILENCE_MS - this.#passed();
        if (left <= 0) this.#show(`no answer from Cognito for ${SILENCE_MS / 1000} s`);
        await this.#clock.sleep(left <= 0 ? SILENCE_MS : left, silence.signal);
      }
    } catch {
      // All calls in flight have ended.
    }
  }
}

/** The state of one failing call. */
export interface Trouble {
  readonly failures: number;
  /** How long to wait before the call is sent again; `undefined` if it must not be sent again. */
  pauseAfter(error: unknown): number | undefined;
}

interface Streak {
  readonly since: number;
  readonly lastAt: number;
}

function prolong(streak: Streak | undefined, now: number): Streak {
  const isNew = streak === undefined || now - streak.lastAt > CONNECTED_MS;
  return { since: isNew ? now : streak.since, lastAt: now };
}

/** Before anything answered, the retries are few, and the address may be wrong: each of them is shown, with the address. */
function firstReason(error: DirectoryError, left: number): string {
  const { place, exception } = error;
  const retry = `trying again, ${Math.ceil(left / 1000)} s left`;
  if (lacksCredentials(error)) return `the credentials cannot be fetched (${exception}), ${retry}`;
  const from = place?.address || 'Cognito';
  const what = isNoAnswer(error) ? `no answer from ${from} (${exception})` : `${from} failed (${exception})`;
  return `${what}, ${retry}`;
}

function reasonOf(error: DirectoryError): string {
  if (!isExpiry(error)) return `Cognito: ${error.exception}`;
  return `the credentials have expired (${error.exception}): renew them, for example with \`aws sso login\``;
}

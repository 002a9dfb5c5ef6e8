import { MigrationError } from '../migration-error.js';
import type { ProgressEvent } from '../progress.js';
import type { Run } from '../run.js';

/** The events for which a hook is called. The last three end a run. */
export type HookEvent = 'start' | 'waiting' | 'going-on' | 'done' | 'interrupted' | 'failed';

/** The state of the run at that moment. Contains nothing personal. */
export interface HookFacts {
  readonly written: number;
  readonly failed: number;
  readonly skipped: number;
  readonly total: number;
  /** Why the run waits or why it failed. */
  readonly reason: string;
}

/** Called once per event, never concurrently. A rejection stops the run, unless the run has ended. */
export type Hook = (event: HookEvent, facts: HookFacts) => Promise<void>;

/** Calls the hook for the events of a run. */
export class Hooks {
  readonly #run: Run;
  readonly #hook: Hook | undefined;
  readonly #failed = new AbortController();
  #facts: HookFacts = { written: 0, failed: 0, skipped: 0, total: 0, reason: '' };
  #queue: Promise<void> = Promise.resolve();
  /** The last event, because a run that keeps waiting reports it every minute. */
  #last: string | undefined;
  /** Whether the run has started. The checks before it may also wait, which is not an event. */
  #isOpen = false;

  constructor(hook: Hook | undefined, run: Run) {
    this.#hook = hook;
    this.#run = run;
    if (hook !== undefined) run.listen((event) => this.#hear(event));
  }

  /** Aborts with the reason when a hook failed. */
  get signal(): AbortSignal {
    return this.#failed.signal;
  }

  /** Calls the hook when the work begins and when it ends. */
  async around(work: () => Promise<void>): Promise<void> {
    try {
      this.#isOpen = true;
      this.#tell('start');
      await this.#queue;
      this.signal.throwIfAborted();
      await work();
      await this.#queue;
      this.signal.throwIfAborted();
    } catch (error) {
      await this.#end(this.#run.signal?.aborted === true ? 'interrupted' : 'failed', messageOf(error));
      throw error;
    }
    await this.#end('done', '');
  }

  #hear(event: ProgressEvent): void {
    if (event.type === 'write') {
      const { written, failed, skipped, total } = event;
      this.#facts = { ...this.#facts, written, failed, skipped, total };
    } else if (event.type === 'waiting') {
      this.#tell(event.reason === undefined ? 'going-on' : 'waiting', event.reason);
    }
  }

  #tell(event: HookEvent, reason = ''): void {
    const hook = this.#hook;
    if (hook === undefined || !this.#isOpen || this.#last === `${event} ${reason}`) return;
    this.#last = `${event} ${reason}`;
    const facts = { ...this.#facts, reason };
    this.#queue = this.#queue.then(async () => {
      if (this.signal.aborted) return;
      try {
        await hook(event, facts);
      } catch (error) {
        this.#failed.abort(
          new MigrationError('ERR_HOOK', `the hook failed at "${event}": ${messageOf(error)}`, {
            fix: 'What is done is recorded. Fix the hook, then run the same command again to continue.',
            cause: error,
          }),
        );
      }
    });
  }

  /** The run has ended. A hook that fails now causes a warning and changes nothing else. */
  async #end(event: 'done' | 'interrupted' | 'failed', reason: string): Promise<void> {
    this.#isOpen = false;
    await this.#queue;
    try {
      await this.#hook?.(event, { ...this.#facts, reason });
    } catch (error) {
      this.#run.warn(`The hook failed at "${event}": ${messageOf(error)}.`);
    }
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

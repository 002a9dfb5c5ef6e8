import { setTimeout } from 'node:timers/promises';
import { inspect } from 'node:util';
import fc from 'fast-check';
import type { FuzzTarget } from './fuzz-target.js';

/** Runs of one call of fast-check: its bias towards small and odd values starts again with each. */
const RUNS_PER_ROUND = 500;
/** Far longer than any input needs, on a busy machine too. */
const HANGS_MS = 30_000;

interface FuzzFailure {
  /** Give both to `--seed` and `--path` to see the failure again. */
  readonly seed: number;
  readonly path: string;
  readonly report: string;
}

export interface FuzzResult {
  readonly name: string;
  readonly boundary: string;
  /** Hostile inputs tried. */
  readonly inputs: number;
  readonly seconds: number;
  readonly failure: FuzzFailure | undefined;
}

export interface FuzzOptions {
  readonly seed: number;
  readonly seconds: number;
  /** A failure's path: only that input is tried. */
  readonly path?: string;
  /** An input that takes longer counts as a hang. @defaultValue 30 000 */
  readonly limitMs?: number;
}

/** Throws inputs at a target until its time is over, or one breaks an invariant. */
export async function fuzz(
  target: FuzzTarget,
  { seed, seconds, path, limitMs = HANGS_MS }: FuzzOptions,
): Promise<FuzzResult> {
  const session = await target.start();
  const strays = collectStrays();
  // Keys and servers are not part of the time, which is short where many targets share a minute.
  const started = performance.now();
  const left = () => seconds * 1000 - (performance.now() - started);
  let inputs = 0;
  let failure: FuzzFailure | undefined;
  let underWay: Promise<unknown> = Promise.resolve();
  const property = fc.asyncProperty(session.input, async (input) => {
    inputs += session.count?.(input) ?? 1;
    const checked = Promise.resolve(session.check(input));
    underWay = checked.catch(() => {});
    await checked;
    // Promises that nobody waits for are reported after the microtasks, before the next turn of the event loop.
    await new Promise((resolve) => setImmediate(resolve));
    strays.throwFirst();
  });
  // One that the end of a round's time has interrupted goes on, and must not meet what is closed, or the next input.
  const ended = () => Promise.race([underWay, setTimeout(limitMs, undefined, { ref: false })]);
  try {
    for (let round = 0; failure === undefined && (round === 0 || left() > 0); round++) {
      const details = await fc.check(property, {
        seed: (seed + round) | 0,
        timeout: limitMs,
        ...(path !== undefined
          ? { numRuns: 1, path, endOnFailure: true }
          : // The first input is tried to its end, however little time there is: a target that tried nothing holds nothing.
            // Only the search for a smaller one is cut short, which tries a hang again and again.
            round === 0
            ? { numRuns: 1, interruptAfterTimeLimit: 2 * limitMs }
            : { numRuns: RUNS_PER_ROUND, interruptAfterTimeLimit: Math.max(1, left()) }),
      });
      // A round whose time was over within its first input counts as failed, and broke nothing.
      if (details.failed && !(details.interrupted && details.counterexample === null)) {
        failure = {
          seed: details.seed,
          path: details.counterexamplePath ?? '',
          report: `${fc.defaultReportMessage(details) ?? ''}\n\n${inspect(details.errorInstance, { depth: 8 })}`,
        };
      }
      await ended();
      if (path !== undefined) break;
    }
  } finally {
    await ended();
    await session.close?.();
    strays.close();
  }
  return {
    name: target.name,
    boundary: target.boundary,
    inputs,
    seconds: (performance.now() - started) / 1000,
    failure,
  };
}

/** Rejections and exceptions that reached nobody: in production, they end the process. */
function collectStrays() {
  const strays: unknown[] = [];
  const collect = (error: unknown) => void strays.push(error);
  process.on('unhandledRejection', collect);
  process.on('uncaughtException', collect);
  return {
    throwFirst(): void {
      const [first] = strays.splice(0);
      if (first !== undefined) throw new Error('left unhandled, which ends a process', { cause: first });
    },
    close(): void {
      process.off('unhandledRejection', collect);
      process.off('uncaughtException', collect);
    },
  };
}

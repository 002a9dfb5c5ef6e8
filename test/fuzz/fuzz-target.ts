import type fc from 'fast-check';

/** One trust boundary under fuzzing. */
export interface FuzzTarget<T = unknown> {
  /** Kebab case: what `npm run fuzz -- --only` takes. */
  readonly name: string;
  /** What crosses the boundary, in a few words, for the table at the end. */
  readonly boundary: string;
  /** Builds what all runs share: servers, keys, the programs to compare with. */
  start(): Promise<FuzzSession<T>> | FuzzSession<T>;
}

interface FuzzSession<T = unknown> {
  readonly input: fc.Arbitrary<T>;
  /**
   * Throws where an invariant does not hold. Whatever it leaves behind as an unhandled rejection or an uncaught exception
   * fails the input, too. It must say the same of the same input: no clock, no randomness of its own.
   */
  check(input: T): void | Promise<void>;
  /** How many hostile inputs one run throws.
   * @defaultValue 1
   */
  count?(input: T): number;
  close?(): void | Promise<void>;
}

/** Keeps the type of the input between `input` and `check`. */
export const fuzzTarget = <T>(target: FuzzTarget<T>): FuzzTarget => target as unknown as FuzzTarget;

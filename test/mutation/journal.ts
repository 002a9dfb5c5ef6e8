import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the tests hit of a test file: by its tests, and outside of them, as while it is loaded. */
interface Coverage {
  readonly file: string;
  readonly outside: readonly string[];
  /** By the id of the test. */
  readonly inside: Readonly<Record<string, readonly string[]>>;
  /** Tests that are too slow for the first phase, and are repeated in the second. */
  readonly slow: readonly string[];
  /** Tests that do not hold repeated runs, or are slow: these see mutants only in a run of their own. */
  readonly alone: readonly string[];
  /** Tests that fail without a mutant, or take too long: these say nothing. */
  readonly useless: readonly string[];
  readonly milliseconds: number;
}

/** A mutant and the tests of a file that shall see it while everything is loaded again. `undefined`: all of them. */
export interface Job {
  readonly file: string;
  readonly mutant: string;
  readonly tests?: readonly string[];
}

/**
 * `quick`: tests are repeated for every mutant that they hit. `together`: the slower ones are, for the mutants that are left. `alone`:
 * everything is loaded again for each mutant that is left and was hit where nothing can be repeated.
 */
export type Phase = 'quick' | 'together' | 'alone';

export type Entry =
  | { readonly kind: 'covered'; readonly coverage: Coverage }
  /** The second phase of a test file is over, and has found tests that cannot be repeated. */
  | { readonly kind: 'slow'; readonly file: string; readonly alone: readonly string[] }
  | { readonly kind: 'killed'; readonly mutant: string; readonly by: string }
  | { readonly kind: 'tried'; readonly job: string };

export const jobKey = ({ file, mutant }: Job) => `${mutant} ${file}`;

/** Of a run, in a folder: it is read again when a mutant has brought the process to a halt. */
export class Journal {
  readonly #file: string;
  constructor(folder: string) {
    this.#file = join(folder, 'journal.ndjson');
  }
  add(entry: Entry): void {
    appendFileSync(this.#file, `${JSON.stringify(entry)}\n`);
  }
  entries(): Entry[] {
    if (!existsSync(this.#file)) return [];
    const lines = readFileSync(this.#file, 'utf8').split('\n');
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Entry);
  }
}

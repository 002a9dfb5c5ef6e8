import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the tests hit of a test file: by its tests, and outside of them, as while it is loaded. */
export interface Coverage {
  readonly file: string;
  readonly outside: readonly string[];
  /** By the id of the test. */
  readonly inside: Readonly<Record<string, readonly string[]>>;
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

export type Entry =
  | { readonly kind: 'covered'; readonly coverage: Coverage }
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

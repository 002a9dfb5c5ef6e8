/** What a new-pool user can turn out to be; docs/sync-script.md has the table of outcomes. */
export const OUTCOMES = [
  'set',
  'ok',
  'conflict',
  'unexplained',
  'ambiguous',
  'contradiction',
  'duplicate',
  'unverified',
  'new-born',
] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** One line of `--mapping`. */
export interface MappingRow {
  readonly newUsername: string;
  readonly legacySub: string;
  /** The user's own `sub`, where the file has it, as one of import-csv: another user may have got the name since. */
  readonly newSub?: string;
  /** Where it stands, for error messages. */
  readonly line: number;
  /** Of several files. */
  readonly file?: string;
}

/** `begun` without an end is what a killed run leaves behind. */
export type WriteStatus = 'begun' | 'written' | 'failed' | 'skipped' | 'rolled-back';

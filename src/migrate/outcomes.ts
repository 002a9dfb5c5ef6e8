/** What the plan can decide about a new-pool user. docs/sync-script.md has a table of the outcomes. */
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
  /** Empty only if nobody has decided yet: see `decided`. */
  readonly legacySub: string;
  /** The user's own `sub`, if the file has it, as import-csv's mapping does: the username may belong to another user by now. */
  readonly newSub?: string;
  /** A row of `report --decide`: a person decides, so both users must exist. Without a `legacySub`, nobody has decided yet. */
  readonly decided?: true;
  /** Line number in the file, for error messages. */
  readonly line: number;
  /** Which file, if there are several. */
  readonly file?: string;
}

/** An operation that stays `begun` was left by a killed run. */
export type WriteStatus = 'begun' | 'written' | 'failed' | 'skipped' | 'rolled-back';

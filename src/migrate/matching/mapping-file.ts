import { csvLine, withoutMark } from '../files/csv-line.js';
import { csvRecords, faultOf } from '../files/csv-records.js';
import type { MappingRow, Outcome } from '../outcomes.js';

const COLUMNS = ['new_username', 'legacy_sub'];

/** Columns of the files that import-csv writes: `new_sub` ties a row to one user. */
const WRITTEN_COLUMNS: readonly string[] = [...COLUMNS, 'new_sub'];

/** Columns of the files that `report --decide` writes. `legacy_sub` is empty until a person fills it in; the others explain. */
const DECIDE_COLUMNS: readonly string[] = [...WRITTEN_COLUMNS, 'outcome', 'candidates', 'detail'];

/** A user about whom a person has to decide. */
export interface UndecidedUser {
  readonly newUsername: string;
  readonly newSub: string;
  readonly outcome: Outcome;
  /** The `sub`s of the legacy users in question. */
  readonly candidates: readonly string[];
  readonly detail: string;
}

/** The lines of a file in which a person decides. As it is, it decides nothing. */
export function* decideLines(users: Iterable<UndecidedUser>): Generator<string> {
  yield csvLine(DECIDE_COLUMNS);
  for (const { newUsername, newSub, outcome, candidates, detail } of users) {
    yield csvLine([newUsername, '', newSub, outcome, candidates.join(' '), detail]);
  }
}

/** The lines of a mapping file for exactly these users. */
export function* mappingLines(
  users: Iterable<Required<Pick<MappingRow, 'newUsername' | 'legacySub' | 'newSub'>>>,
): Generator<string> {
  yield csvLine(WRITTEN_COLUMNS);
  for (const { newUsername, legacySub, newSub } of users) yield csvLine([newUsername, legacySub, newSub]);
}

/**
 * Reads the decisions of a mapping file one by one: a CSV file (RFC 4180) with exactly the columns
 * `new_username,legacy_sub`, or `new_username,legacy_sub,new_sub` as import-csv writes it, or those of `report --decide`. The plan checks
 * for users who are named twice or are in no pool. With `name`, each row names its file.
 *
 * @throws ConfigurationError naming `option`, the file and the line.
 */
export async function* readMappingFile(option: string, path: string, name?: string): AsyncGenerator<MappingRow> {
  const fault = (line: number, message: string) => faultOf(option, path, line, message);
  let columns: readonly string[] | undefined;
  for await (const { record, line } of csvRecords(option, path)) {
    if (columns === undefined) {
      columns = [COLUMNS, WRITTEN_COLUMNS, DECIDE_COLUMNS].find((known) => known.join() === record.join());
      if (columns === undefined) {
        throw fault(line, `expected the columns ${COLUMNS.join(',')} and no others, or those of report --decide`);
      }
      continue;
    }
    if (record.length !== columns.length) throw fault(line, `expected ${columns.length} fields, got ${record.length}`);
    const decided = columns === DECIDE_COLUMNS;
    for (const [at, field] of record.slice(0, WRITTEN_COLUMNS.length).entries()) {
      // Nobody has decided yet, and very few users have no sub.
      if (decided && at > 0 && field === '') continue;
      if (!/^\S+$/.test(field)) throw fault(line, `${columns[at]} is empty or has spaces in it`);
    }
    const [newUsername = '', legacySub = '', newSub = ''] = record.map(withoutMark);
    yield {
      ...{ newUsername, legacySub, line },
      ...(newSub === '' ? {} : { newSub }),
      ...(decided ? { decided } : {}),
      ...(name === undefined ? {} : { file: name }),
    };
  }
  if (columns === undefined) throw fault(1, `expected the columns ${COLUMNS.join(',')}, the file is empty`);
}

/** Reads several files, one after the other. If there is more than one, each row names its file. */
export async function* readMappingFiles(option: string, paths: readonly string[]): AsyncGenerator<MappingRow> {
  for (const path of paths) yield* readMappingFile(option, path, paths.length > 1 ? path : undefined);
}

/** Reads the whole file once, so that a fault in its last line is found before any work begins. */
export async function checkMappingFile(option: string, path: string): Promise<void> {
  const rows = readMappingFile(option, path);
  while (!(await rows.next()).done);
}

import { csvLine, withoutMark } from '../files/csv-line.js';
import { csvRecords, faultOf, firstLineOf } from '../files/csv-records.js';
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
  const wrongColumns = `expected the columns ${COLUMNS.join(',')} and no others, or those of report --decide`;
  let header: Header | undefined;
  for await (const { record, line } of csvRecords(option, path, await separatorOf(option, path))) {
    if (header === undefined) {
      header = headerOf(record);
      if (header === undefined) throw fault(line, wrongColumns);
      continue;
    }
    const { decided, width, at } = header;
    // A spreadsheet leaves such rows where rows were cleared.
    if (decided && record.every((field) => field === '')) continue;
    if (record.length !== width) throw fault(line, `expected ${width} fields, got ${record.length}`);
    const fields = at.map((index) => record[index] ?? '');
    for (const [index, field] of fields.entries()) {
      // Nobody has decided yet, and very few users have no sub.
      if (decided && index > 0 && field === '') continue;
      if (!/^\S+$/.test(field)) throw fault(line, `${WRITTEN_COLUMNS[index]} is empty or has spaces in it`);
    }
    const [newUsername = '', legacySub = '', newSub = ''] = fields.map(withoutMark);
    yield {
      ...{ newUsername, legacySub, line },
      ...(newSub === '' ? {} : { newSub }),
      ...(decided ? { decided } : {}),
      ...(name === undefined ? {} : { file: name }),
    };
  }
  if (header === undefined) throw fault(1, `expected the columns ${COLUMNS.join(',')}, the file is empty`);
}

interface Header {
  /** Whether `report --decide` wrote the file. */
  readonly decided: boolean;
  readonly width: number;
  /** Where `new_username`, `legacy_sub` and, if the file has it, `new_sub` are in each row. */
  readonly at: readonly number[];
}

function headerOf(columns: readonly string[]): Header | undefined {
  const width = columns.length;
  const isExactly = (known: readonly string[]) => known.join() === columns.join();
  const exact = [COLUMNS, WRITTEN_COLUMNS].find(isExactly);
  if (exact !== undefined) return { decided: false, width, at: [...exact.keys()] };
  // A person works on this file: columns may have been moved, and others added.
  const isOnce = (name: string) => columns.filter((column) => column === name).length === 1;
  if (!DECIDE_COLUMNS.every(isOnce)) return undefined;
  return { decided: true, width, at: WRITTEN_COLUMNS.map((column) => columns.indexOf(column)) };
}

/** Where a comma is the decimal separator, spreadsheets save with semicolons. That is expected of a file a person works on. */
async function separatorOf(option: string, path: string): Promise<string> {
  const names = (await firstLineOf(option, path))
    .replace(/^\uFEFF/, '')
    .replaceAll('"', '')
    .split(';');
  return DECIDE_COLUMNS.every((column) => names.includes(column)) ? ';' : ',';
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

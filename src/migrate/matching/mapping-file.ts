import { csvLine, withoutMark } from '../files/csv-line.js';
import { csvRecords, faultOf } from '../files/csv-records.js';
import type { MappingRow } from '../outcomes.js';

const COLUMNS = ['new_username', 'legacy_sub'];

/** Columns of the files that import-csv writes: their rows are about the one user of this `sub`. */
const WRITTEN_COLUMNS: readonly string[] = [...COLUMNS, 'new_sub'];

/** The lines of a mapping file that is about these users and no others. */
export function* mappingLines(
  users: Iterable<Required<Pick<MappingRow, 'newUsername' | 'legacySub' | 'newSub'>>>,
): Generator<string> {
  yield csvLine(WRITTEN_COLUMNS);
  for (const { newUsername, legacySub, newSub } of users) yield csvLine([newUsername, legacySub, newSub]);
}

/**
 * Reads the decisions of a mapping file one by one: a CSV after RFC 4180 with exactly the columns
 * `new_username,legacy_sub`, or `new_username,legacy_sub,new_sub` as import-csv writes it. Users who are named twice, or whom no
 * pool has, are for the plan to find. With `name`, rows say which file they are of.
 *
 * @throws ConfigurationError naming `option`, the file and the line.
 */
export async function* readMappingFile(option: string, path: string, name?: string): AsyncGenerator<MappingRow> {
  const fault = (line: number, message: string) => faultOf(option, path, line, message);
  let columns: readonly string[] | undefined;
  for await (const { record, line } of csvRecords(option, path)) {
    if (columns === undefined) {
      columns = [COLUMNS, WRITTEN_COLUMNS].find((known) => known.join() === record.join());
      if (columns === undefined) throw fault(line, `expected the columns ${COLUMNS.join(',')} and no others`);
      continue;
    }
    const [newUsername = '', legacySub = '', newSub] = record;
    if (record.length !== columns.length) throw fault(line, `expected ${columns.length} fields, got ${record.length}`);
    for (const [at, field] of record.entries()) {
      if (!/^\S+$/.test(field)) throw fault(line, `${columns[at]} is empty or has spaces in it`);
    }
    yield {
      ...{ newUsername: withoutMark(newUsername), legacySub: withoutMark(legacySub), line },
      ...(newSub === undefined ? {} : { newSub: withoutMark(newSub) }),
      ...(name === undefined ? {} : { file: name }),
    };
  }
  if (columns === undefined) throw fault(1, `expected the columns ${COLUMNS.join(',')}, the file is empty`);
}

/** Reads several files, one after the other; of more than one, rows say which they are of. */
export async function* readMappingFiles(option: string, paths: readonly string[]): AsyncGenerator<MappingRow> {
  for (const path of paths) yield* readMappingFile(option, path, paths.length > 1 ? path : undefined);
}

/** Reads the whole file once, so that a fault in its last line is known before anything is begun. */
export async function checkMappingFile(option: string, path: string): Promise<void> {
  const rows = readMappingFile(option, path);
  while (!(await rows.next()).done);
}

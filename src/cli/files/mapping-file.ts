import type { MappingRow } from '../../migrate/results.js';
import { withoutMark } from './csv.js';
import { csvRecords, faultOf } from './csv-records.js';

const COLUMNS = ['new_username', 'legacy_sub'] as const;

/**
 * Reads the decisions of a mapping file one by one: a CSV after RFC 4180 with exactly the columns
 * `new_username,legacy_sub`. Users who are named twice, or whom no pool has, are for the plan to find.
 *
 * @throws ConfigurationError naming `option`, the file and the line.
 */
export async function* readMappingFile(option: string, path: string): AsyncGenerator<MappingRow> {
  const fault = (line: number, message: string) => faultOf(option, path, line, message);
  let header = true;
  for await (const { record, line } of csvRecords(option, path)) {
    if (header) {
      if (record.join() !== COLUMNS.join())
        throw fault(line, `expected the columns ${COLUMNS.join(',')} and no others`);
      header = false;
      continue;
    }
    const [newUsername = '', legacySub = ''] = record;
    if (record.length !== COLUMNS.length) throw fault(line, `expected 2 fields, got ${record.length}`);
    for (const [at, field] of record.entries()) {
      if (!/^\S+$/.test(field)) throw fault(line, `${COLUMNS[at]} is empty or has spaces in it`);
    }
    yield { newUsername: withoutMark(newUsername), legacySub: withoutMark(legacySub), line };
  }
  if (header) throw fault(1, `expected the columns ${COLUMNS.join(',')}, the file is empty`);
}

/** Reads the whole file once, so that a fault in its last line is known before anything is begun. */
export async function checkMappingFile(option: string, path: string): Promise<void> {
  const rows = readMappingFile(option, path);
  while (!(await rows.next()).done);
}

import { withoutMark } from '../files/csv-line.js';
import { csvRecords, faultOf } from '../files/csv-records.js';
import type { UserRow } from '../state/run-scope.js';

const COLUMN = 'new_username';

/**
 * Reads the users whom a run is limited to: a CSV after RFC 4180 with the column `new_username` among its columns, as the report's
 * has it. Users whom the state does not know are for the run to find.
 *
 * @throws ConfigurationError naming `option`, the file and the line.
 */
export async function* readUsersFile(option: string, path: string): AsyncGenerator<UserRow> {
  let columns: readonly string[] | undefined;
  let at = -1;
  for await (const { record, line } of csvRecords(option, path)) {
    if (columns === undefined) {
      columns = record;
      at = record.indexOf(COLUMN);
      if (at === -1) throw faultOf(option, path, line, `expected a column ${COLUMN} in the header`);
      // Which of them names the users would be a guess.
      if (record.lastIndexOf(COLUMN) !== at)
        throw faultOf(option, path, line, `the column ${COLUMN} is there more than once`);
      continue;
    }
    if (record.length !== columns.length) {
      throw faultOf(option, path, line, `expected ${columns.length} fields, got ${record.length}`);
    }
    const field = record[at] ?? '';
    if (!/^\S+$/.test(field)) throw faultOf(option, path, line, `${COLUMN} is empty or has spaces in it`);
    yield { newUsername: withoutMark(field), line };
  }
  if (columns === undefined) throw faultOf(option, path, 1, `expected a column ${COLUMN}, the file is empty`);
}

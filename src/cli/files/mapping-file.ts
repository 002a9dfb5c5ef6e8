import { createReadStream } from 'node:fs';
import { CsvError, parse } from 'csv-parse';
import { ConfigurationError } from '../../errors.js';
import type { MappingRow } from '../../migrate/results.js';
import { withoutMark } from './csv.js';
import { isSystemError } from './replace-file.js';

const COLUMNS = ['new_username', 'legacy_sub'] as const;

/**
 * Reads the decisions of a mapping file one by one: a CSV after RFC 4180 with exactly the columns
 * `new_username,legacy_sub`. Users who are named twice, or whom no pool has, are for the plan to find.
 *
 * @throws ConfigurationError naming `option`, the file and the line.
 */
export async function* readMappingFile(option: string, path: string): AsyncGenerator<MappingRow> {
  const fault = (line: number, message: string) => new ConfigurationError(option, `${path}, line ${line}: ${message}`);
  try {
    let header = true;
    for await (const { record, line } of records(path)) {
      if (header) {
        if (record.join() !== COLUMNS.join())
          throw fault(line, `expected the columns ${COLUMNS.join(',')} and no others`);
        header = false;
        continue;
      }
      const [newUsername = '', legacySub = ''] = record;
      if (record.length !== COLUMNS.length) throw fault(line, `expected 2 fields, got ${record.length}`);
      for (const [at, field] of record.entries()) {
        if (field.includes('\uFFFD')) throw fault(line, 'the file is not UTF-8');
        if (!/^\S+$/.test(field)) throw fault(line, `${COLUMNS[at]} is empty or has spaces in it`);
      }
      yield { newUsername: withoutMark(newUsername), legacySub: withoutMark(legacySub), line };
    }
    if (header) throw fault(1, `expected the columns ${COLUMNS.join(',')}, the file is empty`);
  } catch (error) {
    if (error instanceof CsvError) throw fault(Number(error['lines'] ?? 1), 'the quotes do not match');
    if (isSystemError(error)) throw new ConfigurationError(option, `cannot read ${path} (${error.code})`, error);
    throw error;
  }
}

/** Reads the whole file once, so that a fault in its last line is known before anything is begun. */
export async function checkMappingFile(option: string, path: string): Promise<void> {
  const rows = readMappingFile(option, path);
  while (!(await rows.next()).done);
}

interface CsvRecord {
  readonly record: readonly string[];
  readonly line: number;
}

async function* records(path: string): AsyncGenerator<CsvRecord> {
  const parser = parse({
    bom: true,
    record_delimiter: ['\r\n', '\n'],
    info: true,
    skip_empty_lines: true,
    relax_column_count: true,
    max_record_size: 65_536,
  });
  const file = createReadStream(path).on('error', (error) => parser.destroy(error));
  for await (const { record, info } of file.pipe(parser)) yield { record, line: info.lines };
}

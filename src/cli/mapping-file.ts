import { createReadStream } from 'node:fs';
import { CsvError, parse } from 'csv-parse';
import { ConfigurationError } from '../errors.js';
import type { MappingRow } from '../migrate/types.js';
import { withoutMark } from './csv.js';
import { isSystemError } from './replace-file.js';

const COLUMNS = ['new_username', 'legacy_sub'] as const;

/**
 * Reads the decisions of `--mapping`: a CSV after RFC 4180 with exactly the columns `new_username,legacy_sub`. Names and
 * subs that are unknown to the pools are found by the plan; everything else is refused here, with its line.
 *
 * @throws ConfigurationError naming `option`, the file and the line.
 */
export async function readMappingFile(option: string, path: string): Promise<readonly MappingRow[]> {
  const refuse = (line: number, message: string): never => {
    throw new ConfigurationError(option, `${path}, line ${line}: ${message}`);
  };
  const rows: MappingRow[] = [];
  const linesBySub = new Map<string, number>();
  const linesByUsername = new Map<string, number>();
  const once = (lines: Map<string, number>, column: string, value: string, line: number) => {
    const before = lines.get(value);
    if (before !== undefined) refuse(line, `the same ${column} as in line ${before}`);
    lines.set(value, line);
  };
  try {
    let header = true;
    for await (const { record, line } of records(path)) {
      if (header) {
        if (record.join() !== COLUMNS.join()) refuse(line, `expected the columns ${COLUMNS.join(',')} and no others`);
        header = false;
        continue;
      }
      if (record.length !== COLUMNS.length) refuse(line, `expected 2 fields, got ${record.length}`);
      const [newUsername = '', legacySub = ''] = record.map((field, at) => {
        if (field.includes('\uFFFD')) refuse(line, 'the file is not UTF-8');
        return /^\S+$/.test(field) ? withoutMark(field) : refuse(line, `${COLUMNS[at]} is empty or has spaces in it`);
      });
      once(linesByUsername, COLUMNS[0], newUsername, line);
      once(linesBySub, COLUMNS[1], legacySub, line);
      rows.push({ newUsername, legacySub, line });
    }
    if (header) refuse(1, `expected the columns ${COLUMNS.join(',')}, the file is empty`);
    return rows;
  } catch (error) {
    if (error instanceof CsvError) return refuse(Number(error['lines'] ?? 1), 'the quotes do not match');
    if (isSystemError(error)) throw new ConfigurationError(option, `cannot read ${path} (${error.code})`, error);
    throw error;
  }
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

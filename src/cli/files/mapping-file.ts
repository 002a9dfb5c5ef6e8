import { createReadStream } from 'node:fs';
import { CsvError, parse } from 'csv-parse';
import { ConfigurationError } from '../../errors.js';
import type { MappingRow } from '../../migrate/results.js';
import { withoutMark } from './csv.js';
import { isSystemError } from './replace-file.js';

const COLUMNS = ['new_username', 'legacy_sub'];

/** Columns of the files that import-csv writes: their rows are about the one user of this `sub`. */
export const WRITTEN_COLUMNS: readonly string[] = [...COLUMNS, 'new_sub'];

/**
 * Reads the decisions of a mapping file one by one: a CSV after RFC 4180 with exactly the columns
 * `new_username,legacy_sub`, or `new_username,legacy_sub,new_sub` as import-csv writes it. Users who are named twice, or whom no
 * pool has, are for the plan to find. With `name`, rows say which file they are of.
 *
 * @throws ConfigurationError naming `option`, the file and the line.
 */
export async function* readMappingFile(option: string, path: string, name?: string): AsyncGenerator<MappingRow> {
  const fault = (line: number, message: string) => new ConfigurationError(option, `${path}, line ${line}: ${message}`);
  try {
    let columns: readonly string[] | undefined;
    for await (const { record, line } of records(path)) {
      if (columns === undefined) {
        columns = [COLUMNS, WRITTEN_COLUMNS].find((known) => known.join() === record.join());
        if (columns === undefined) throw fault(line, `expected the columns ${COLUMNS.join(',')} and no others`);
        continue;
      }
      const [newUsername = '', legacySub = '', newSub] = record;
      if (record.length !== columns.length)
        throw fault(line, `expected ${columns.length} fields, got ${record.length}`);
      for (const [at, field] of record.entries()) {
        if (field.includes('\uFFFD')) throw fault(line, 'the file is not UTF-8');
        if (!/^\S+$/.test(field)) throw fault(line, `${columns[at]} is empty or has spaces in it`);
      }
      yield {
        ...{ newUsername: withoutMark(newUsername), legacySub: withoutMark(legacySub), line },
        ...(newSub === undefined ? {} : { newSub: withoutMark(newSub) }),
        ...(name === undefined ? {} : { file: name }),
      };
    }
    if (columns === undefined) throw fault(1, `expected the columns ${COLUMNS.join(',')}, the file is empty`);
  } catch (error) {
    if (error instanceof CsvError) throw fault(Number(error['lines'] ?? 1), 'the quotes do not match');
    if (isSystemError(error)) throw new ConfigurationError(option, `cannot read ${path} (${error.code})`, error);
    throw error;
  }
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

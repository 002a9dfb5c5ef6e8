import { createReadStream } from 'node:fs';
import { CsvError, parse } from 'csv-parse';
import { ConfigurationError } from '../../errors.js';
import { isSystemError } from './system-error.js';

export interface CsvRecord {
  readonly record: readonly string[];
  readonly line: number;
}

/** What is wrong with a line of a file that an option names. */
export const faultOf = (option: string, path: string, line: number, message: string): ConfigurationError =>
  new ConfigurationError(option, `${path}, line ${line}: ${message}`);

/**
 * Reads a CSV file (RFC 4180) record by record, including the header.
 * @throws ConfigurationError naming `option` and the file if it cannot be read, its quotes do not match, or it is not UTF-8.
 */
export async function* csvRecords(option: string, path: string): AsyncGenerator<CsvRecord> {
  const parser = parse({
    bom: true,
    record_delimiter: ['\r\n', '\n'],
    info: true,
    skip_empty_lines: true,
    relax_column_count: true,
    max_record_size: 65_536,
  });
  const file = createReadStream(path).on('error', (error) => parser.destroy(error));
  try {
    for await (const { record, info } of file.pipe(parser)) {
      const fields: readonly string[] = record;
      if (fields.some((field) => field.includes('\uFFFD'))) {
        throw faultOf(option, path, info.lines, 'the file is not UTF-8');
      }
      yield { record: fields, line: info.lines };
    }
  } catch (error) {
    if (error instanceof CsvError) throw faultOf(option, path, Number(error['lines'] ?? 1), 'the quotes do not match');
    if (isSystemError(error)) throw new ConfigurationError(option, `cannot read ${path} (${error.code})`, error);
    throw error;
  }
}

import { createReadStream } from 'node:fs';
import { CsvError, parse } from 'csv-parse';
import { ConfigurationError } from '../../errors.js';
import { isSystemError } from './system-error.js';

export interface CsvRecord {
  readonly record: readonly string[];
  readonly line: number;
}

const LONGEST_HEADER = 4096;

/** What is wrong with a line of a file that an option names. */
export const faultOf = (option: string, path: string, line: number, message: string): ConfigurationError =>
  new ConfigurationError(option, `${path}, line ${line}: ${message}`);

/**
 * Reads a CSV file (RFC 4180) record by record, including the header.
 * @throws ConfigurationError naming `option` and the file if it cannot be read, its quotes do not match, or it is not UTF-8.
 */
export async function* csvRecords(option: string, path: string, separator = ','): AsyncGenerator<CsvRecord> {
  const parser = parse({
    delimiter: separator,
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
      // UTF-16 has a NUL in almost every character, and SQLite's driver would cut the text there.
      if (fields.some((field) => field.includes('\uFFFD') || field.includes('\0'))) {
        throw faultOf(option, path, info.lines, 'the file is not UTF-8: save it as "CSV UTF-8"');
      }
      yield { record: fields, line: info.lines };
    }
  } catch (error) {
    if (error instanceof CsvError) throw faultOf(option, path, Number(error['lines'] ?? 1), 'the quotes do not match');
    throw unreadable(option, path, error);
  } finally {
    // A parser that ends early does not close the file that is piped into it.
    file.destroy();
  }
}

/**
 * The first line of a file, as far as a header can be long.
 * @throws ConfigurationError naming `option` and the file if it cannot be read.
 */
export async function firstLineOf(option: string, path: string): Promise<string> {
  try {
    let start = '';
    for await (const chunk of createReadStream(path, { encoding: 'utf8', end: LONGEST_HEADER - 1 })) start += chunk;
    return start.split(/[\r\n]/, 1)[0] ?? '';
  } catch (error) {
    throw unreadable(option, path, error);
  }
}

function unreadable(option: string, path: string, error: unknown): unknown {
  if (!isSystemError(error)) return error;
  return new ConfigurationError(option, `cannot read ${path} (${error.code})`, error);
}

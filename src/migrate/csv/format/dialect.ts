/**
 * The rows of Cognito's import files: no quotes, and a backslash before each comma of a value.
 *
 * AWS does not document whether a backslash before any other character is an escape, or what a value that begins with a quote
 * means. Such values are not written, so every written value has only one meaning.
 * @see https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-using-import-tool-csv-header.html
 */

const SUSPECT = /[\\"\r\n\v\f\0\u0085\u2028\u2029\p{Surrogate}]/u;
/** All characters that some program treats as a line break. */
const LINE_BREAK = /[\r\n\v\f\0\u0085\u2028\u2029]/;

export type CellFault = 'line-break' | 'backslash' | 'quote' | 'not-unicode';

/** Why an import file cannot hold a value; `undefined` if it can. */
export function cellFault(value: string): CellFault | undefined {
  if (!SUSPECT.test(value)) return undefined;
  if (LINE_BREAK.test(value)) return 'line-break';
  if (value.includes('\\')) return 'backslash';
  if (value.startsWith('"')) return 'quote';
  return /\p{Surrogate}/u.test(value) ? 'not-unicode' : undefined;
}

/** One row, without its line break. The cells must have no {@link cellFault}. */
export function toLine(cells: readonly string[]): string {
  return cells.map((cell) => (cell.includes(',') ? cell.replaceAll(',', '\\,') : cell)).join(',');
}

/** The cells of a row that {@link toLine} wrote. */
export function fromLine(line: string): string[] {
  return line.split(/(?<!\\),/).map((cell) => cell.replaceAll('\\,', ','));
}

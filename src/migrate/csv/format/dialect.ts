/**
 * The rows of Cognito's import files: no quotes, and a backslash before each comma of a value.
 *
 * Whether a backslash before anything else is a backslash or an escape is not documented, and neither is what a value that
 * begins with a quote means. Such values are not written at all: what is written reads the same either way.
 * @see https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-using-import-tool-csv-header.html
 */

const SUSPECT = /[\\"\r\n\v\f\0\u0085\u2028\u2029\p{Surrogate}]/u;
/** Everything that some program takes for a line break. */
const LINE_BREAK = /[\r\n\v\f\0\u0085\u2028\u2029]/;

export type CellFault = 'line-break' | 'backslash' | 'quote' | 'not-unicode';

/** Why a value cannot stand in an import file; `undefined` where it can. */
export function cellFault(value: string): CellFault | undefined {
  if (!SUSPECT.test(value)) return undefined;
  if (LINE_BREAK.test(value)) return 'line-break';
  if (value.includes('\\')) return 'backslash';
  if (value.startsWith('"')) return 'quote';
  return /\p{Surrogate}/u.test(value) ? 'not-unicode' : undefined;
}

/** One row, without its line break. The cells have no fault. */
export function toLine(cells: readonly string[]): string {
  return cells.map((cell) => (cell.includes(',') ? cell.replaceAll(',', '\\,') : cell)).join(',');
}

/** The cells of a row that {@link toLine} wrote. */
export function fromLine(line: string): string[] {
  return line.split(/(?<!\\),/).map((cell) => cell.replaceAll('\\,', ','));
}

/** Characters a spreadsheet takes for the start of a formula, and the mark that is put in front of them. */
const LOOKS_LIKE_FORMULA = /^[=+\-@\t\r']/;
const GUARDED = /^'[=+\-@\t\r']/;

/**
 * One line after RFC 4180. A field that a spreadsheet would run as a formula gets a `'` in front, and so does a field
 * that starts with `'`: one leading `'` taken away always gives the value back.
 *
 * @see https://owasp.org/www-community/attacks/CSV_Injection
 */
export function csvLine(fields: readonly string[]): string {
  const written = fields.map((field) => {
    const guarded = LOOKS_LIKE_FORMULA.test(field) ? `'${field}` : field;
    return /[",\r\n]/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
  });
  return `${written.join(',')}\r\n`;
}

/** The value of a field written by {@link csvLine}. */
export const unguarded = (field: string): string => (GUARDED.test(field) ? field.slice(1) : field);

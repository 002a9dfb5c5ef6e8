/** What a spreadsheet reads as the start of a formula (including full-width forms), and the mark put in front of it. */
const FORMULA_OR_MARK = "[=+\\-@\\t\\r\\n＝＋－＠']";
const NEEDS_MARK = new RegExp(`^${FORMULA_OR_MARK}`);
const MARKED = new RegExp(`^'${FORMULA_OR_MARK}`);

/**
 * One line of a CSV file (RFC 4180) for people. A field that a spreadsheet would run as a formula gets a `'` in front, and so does a
 * field that starts with `'` itself, so that {@link withoutMark} always restores the value.
 *
 * @see https://owasp.org/www-community/attacks/CSV_Injection
 */
export function csvLine(fields: readonly string[]): string {
  const written = fields.map((field) => {
    const marked = NEEDS_MARK.test(field) ? `'${field}` : field;
    return /[",\r\n]/.test(marked) ? `"${marked.replaceAll('"', '""')}"` : marked;
  });
  return `${written.join(',')}\r\n`;
}

/** The value of a field that {@link csvLine} wrote. */
export const withoutMark = (field: string): string => (MARKED.test(field) ? field.slice(1) : field);

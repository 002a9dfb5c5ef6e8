/** The description of an export. */
export const MANIFEST_FILE = 'manifest.json';
/** Whose line is whose. */
export const LINES_FILE = 'lines.csv';
/** Who is neither exported nor in the new pool, and why. */
export const NOT_IMPORTED_FILE = 'not-imported.csv';

/** Names of the files that Cognito gets. */
export const IMPORT_FILE = /^import-\d{4,}\.csv$/;

export const importFileName = (number: number): string => `import-${String(number).padStart(4, '0')}.csv`;

/** What was done with the files. */
export const RECORD_FILE = 'import.json';
/** Who arrived in the new pool, for `plan --mapping`. */
export const MAPPING_FILE = 'mapping.csv';
/** Who did not arrive. */
export const MISSING_FILE = 'missing.csv';

/** A database for the time of one run. */
export const WORK_FILE = '.work.db';

/** The description of an export. */
export const MANIFEST_FILE = 'manifest.json';
/** Which line belongs to which user. */
export const LINES_FILE = 'lines.csv';
/** Users who are neither exported nor in the new pool, with the reason. */
export const NOT_IMPORTED_FILE = 'not-imported.csv';

/** Names of the files that are uploaded to Cognito. */
export const IMPORT_FILE = /^import-\d{4,}\.csv$/;

export const importFileName = (number: number): string => `import-${String(number).padStart(4, '0')}.csv`;

/** What was done with the files. */
export const RECORD_FILE = 'import.json';
/** Users who arrived in the new pool, for `plan --mapping`. */
export const MAPPING_FILE = 'mapping.csv';
/** Users who did not arrive. */
export const MISSING_FILE = 'missing.csv';

/** A database that exists during one run. */
export const WORK_FILE = '.work.db';

import type { ImportRecord } from '../format/import-record.js';
import type { Manifest } from '../format/manifest.js';

/** `import-csv --json`. Counts all jobs of these files, including jobs of earlier runs. */
export interface ImportCsvResult {
  readonly imported: number;
  /** Users whom Cognito skipped, mostly because they are already in the pool. */
  readonly skipped: number;
  readonly failed: number;
  /** Users whom this run removed from the files because they came into the new pool after the plan. */
  readonly arrivedSince: number;
  /** Jobs that ended. */
  readonly jobs: number;
  /** Users in files whose job has not ended. */
  readonly remaining: number;
  /** Users found in the new pool as they were exported; 0 while files remain. */
  readonly confirmed: number;
  /** Exported users not found, or not found as exported; 0 while files remain. */
  readonly missing: number;
  /** Jobs that did not succeed, with Cognito's message. */
  readonly problems: readonly { readonly file: string; readonly status: string; readonly message: string }[];
}

/** Adds up what Cognito reported for all jobs. */
export function countJobs(
  { files }: Manifest,
  record: ImportRecord,
): Omit<ImportCsvResult, 'arrivedSince' | 'confirmed' | 'missing'> {
  const counts = { imported: 0, skipped: 0, failed: 0, jobs: 0, remaining: 0 };
  const problems: { file: string; status: string; message: string }[] = [];
  for (const { name, users } of files) {
    const { importedBefore = 0, end } = record.get(name) ?? {};
    counts.imported += importedBefore;
    if (end === undefined) {
      counts.remaining += users;
      continue;
    }
    counts.jobs += 1;
    counts.imported += end.imported;
    // Users imported by an earlier job of the file are already in the pool.
    counts.skipped += Math.max(0, end.skipped - importedBefore);
    counts.failed += end.failed;
    if (end.status !== 'Succeeded') problems.push({ file: name, status: end.status, message: end.message });
  }
  return { ...counts, problems };
}

import { mkdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { ImportRecord } from '../../../../src/migrate/csv/format/import-record.js';
import { countJobs } from '../../../../src/migrate/csv/import/import-result.js';
import { newFolder } from '../support.js';

const file = (name: string, users: number) => ({ name, users, bytes: 1, sha256: '' });
const manifest = (...files: ReturnType<typeof file>[]) => ({
  ...{ legacyPools: [], newPool: '', attribute: '', columns: [], lists: [], finishedAt: null },
  files,
});
const end = { status: 'Succeeded', imported: 0, skipped: 0, failed: 0, message: '' };

function record(): ImportRecord {
  const folder = newFolder();
  mkdirSync(folder);
  return new ImportRecord(folder);
}

it('counts users of files whose job has not ended as remaining', () => {
  const jobs = record();
  jobs.set('b', { attempt: 1, importedBefore: 0, jobId: 'import-1' });
  expect(countJobs(manifest(file('a', 2), file('b', 3)), jobs)).toEqual({
    ...{ imported: 0, skipped: 0, failed: 0, jobs: 0, remaining: 5, problems: [] },
  });
});

it('does not count as skipped whom an earlier job of the file imported', () => {
  const jobs = record();
  jobs.set('a', { attempt: 2, importedBefore: 3, end: { ...end, imported: 1, skipped: 4, failed: 1 } });
  expect(countJobs(manifest(file('a', 6)), jobs)).toMatchObject({ imported: 4, skipped: 1, failed: 1, jobs: 1 });
});

it('names the jobs that did not succeed, and what Cognito said', () => {
  const jobs = record();
  jobs.set('a', { attempt: 1, importedBefore: 0, end: { ...end, status: 'Failed', message: 'too many' } });
  jobs.set('b', { attempt: 1, importedBefore: 0, end });
  expect(countJobs(manifest(file('a', 1), file('b', 1)), jobs).problems).toEqual([
    { file: 'a', status: 'Failed', message: 'too many' },
  ]);
});

import { mkdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { ImportJob, ImportService } from '../../../../src/directory/import-types.js';
import { Pace } from '../../../../src/migrate/calls/pace.js';
import { ImportRecord } from '../../../../src/migrate/csv/format/import-record.js';
import { FileImport } from '../../../../src/migrate/csv/import/job.js';
import { AutoClock } from '../../support/auto-clock.js';
import { newFolder } from '../support.js';

const FILE = { name: 'import-0001.csv', users: 2, bytes: 10, sha256: 'ab'.repeat(32) };
const EXPORTED_AT = '2026-01-15T12:00:00.000Z';
const NAME = `cutover-${FILE.sha256.slice(0, 32)}-${Date.parse(EXPORTED_AT).toString(36)}-1`;

const job = (more: Partial<ImportJob>): ImportJob => ({
  ...{ id: 'import-1', name: NAME, status: 'Created', uploadUrl: 'https://upload', message: '' },
  ...{ imported: 0, skipped: 0, failed: 0 },
  ...more,
});

/** A pool with these jobs, one on each page of the list. */
function importing(...jobs: ImportJob[]) {
  const folder = newFolder();
  mkdirSync(folder);
  const called: string[] = [];
  const named = (name: string, answer: ImportJob) => {
    called.push(name);
    return answer;
  };
  const service = {
    userPoolId: 'eu-west-1_New',
    listJobs: async (token: string | undefined) => {
      const at = Number(token ?? 0);
      return { items: jobs.slice(at, at + 1), nextToken: at + 1 < jobs.length ? String(at + 1) : undefined };
    },
    createJob: async () => named('create', job({})),
    upload: async () => void called.push('upload'),
    startJob: async () => named('start', job({ status: 'Pending' })),
    describeJob: async () => named('describe', job({ status: 'Succeeded', imported: 2 })),
  } as unknown as ImportService;
  const clock = new AutoClock();
  const record = new ImportRecord(folder);
  const run = () =>
    new FileImport(FILE, {
      ...{ service, folder, exportedAt: EXPORTED_AT, logsRoleArn: 'role', record, clock, pace: new Pace(10, clock) },
      ...{ signal: undefined, stopOnInterrupt: false, onStep: () => {} },
    }).run();
  return { called, record, run };
}

describe('the job of a file', () => {
  it('is created, gets the file, is started and followed to its end', async () => {
    const { called, record, run } = importing();
    expect(await run()).toMatchObject({ status: 'Succeeded', imported: 2 });
    expect(called).toEqual(['create', 'upload', 'start', 'describe']);
    expect(record.get(FILE.name)).toMatchObject({ jobId: 'import-1', uploaded: true, end: { status: 'Succeeded' } });
  });

  it('is found by its name on whichever page of the list it is, and not created again', async () => {
    const others = [1, 2].map((n) => job({ id: `other-${n}`, name: `other-${n}`, status: 'Succeeded' }));
    const { called, run } = importing(...others, job({ status: 'InProgress' }));
    expect(await run()).toMatchObject({ status: 'Succeeded' });
    expect(called).toEqual(['describe']);
  });

  it('waits for no other job of the pool: that is said', async () => {
    const { called, run } = importing(
      job({ status: 'Succeeded', name: 'old' }),
      job({ status: 'InProgress', name: 'other' }),
    );
    await expect(run()).rejects.toMatchObject({
      code: 'ERR_UNAVAILABLE',
      message: 'the import job other is running on pool eu-west-1_New',
    });
    expect(called).toEqual([]);
  });
});

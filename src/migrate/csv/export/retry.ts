import { statSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigurationError } from '../../../errors.js';
import { withoutMark } from '../../files/csv-line.js';
import { csvRecords } from '../../files/csv-records.js';
import { MigrationError } from '../../migration-error.js';
import { MISSING_FILE } from '../format/file-names.js';
import { ImportRecord } from '../format/import-record.js';
import { finishedExport, type Manifest, requireExportOf } from '../format/manifest.js';

/**
 * The legacy users whom an import did not bring into the new pool, according to its own check of the pool: users of failed lines
 * and of failed jobs.
 * @throws {@link ConfigurationError} naming `retry`; {@link MigrationError} `ERR_STATE_NOT_READY` if the plan is older than the export
 */
export function missingOf(
  folder: string,
  { attribute, ...pools }: Pick<Manifest, 'legacyPools' | 'newPool' | 'attribute'>,
  plannedAt: number,
): AsyncIterable<string> {
  const refuse = (what: string): never => {
    throw new ConfigurationError('retry', what);
  };
  const manifest = finishedExport('retry', folder);
  requireExportOf('retry', folder, manifest, pools);
  if (manifest.attribute !== attribute) refuse(`${folder} was exported for the attribute ${manifest.attribute}`);
  const record = new ImportRecord(folder);
  const open = manifest.files.find(({ name }) => record.get(name)?.end === undefined);
  if (open !== undefined) refuse(`the job of ${open.name} has not ended: run import-csv first`);
  const path = join(folder, MISSING_FILE);
  if (statSync(path, { throwIfNoEntry: false }) === undefined) refuse(`${path} is missing: run import-csv again`);
  if (plannedAt <= Date.parse(manifest.finishedAt)) {
    throw new MigrationError('ERR_STATE_NOT_READY', `the plan is older than the export into ${folder}`, {
      fix: 'Run plan again, so that it knows who was imported.',
    });
  }
  return subsIn(path);
}

async function* subsIn(path: string): AsyncGenerator<string> {
  let isHeader = true;
  for await (const { record } of csvRecords('retry', path)) {
    if (!isHeader) yield withoutMark(record[0] ?? '');
    isHeader = false;
  }
}

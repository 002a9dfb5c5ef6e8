import { statSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, systemClock } from '../../../clock.js';
import type { ImportService } from '../../../directory/import-types.js';
import { ConfigurationError } from '../../../errors.js';
import { Pace } from '../../calls/pace.js';
import type { Patience } from '../../calls/patience.js';
import { asMigrationError, interruptedOr, repeated } from '../../calls/repeated.js';
import { MigrationError } from '../../errors.js';
import type { UserSink } from '../../listing/record.js';
import { acquireLock } from '../../state/file.js';
import { plainCsvLine } from '../dialect.js';
import { GrowingFile, sha256Of } from '../durable.js';
import { MISSING_FILE, RECORD_FILE } from '../folder.js';
import { type Manifest, readManifest } from '../manifest.js';
import { type Arrival, Arrivals } from './arrivals.js';
import { FileImport } from './job.js';
import { ImportRecord } from './record.js';

/** Calls about import jobs are limited to 5 per second, operation and pool. */
const JOB_RPS = 2;

export interface ImportCsvOptions {
  readonly service: ImportService;
  /** Folder of a finished export of this pool. */
  readonly from: string;
  /** Role that lets Cognito write the jobs' logs. */
  readonly logsRoleArn: string;
  /** Lists every user of the new pool at least once. */
  readonly listUsers: (sink: UserSink) => Promise<void>;
  /** Keeps who arrived, for `plan --mapping`. */
  readonly writeMapping: (arrivals: Iterable<Arrival>) => Promise<void>;
  /** Asked after every check passed and before the first job; `false` ends the run with nothing done. Default: yes. */
  readonly confirm?: (ahead: { readonly users: number; readonly files: number }) => Promise<boolean>;
  readonly onStep?: (step: string) => void;
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
  /** How long failing calls are repeated. */
  readonly patience?: Patience;
}

/** `import-csv --json`. Counts all jobs of these files, of earlier runs too. */
export interface ImportCsvResult {
  readonly imported: number;
  /** Users whom Cognito left out, mostly because they are in the pool already. */
  readonly skipped: number;
  readonly failed: number;
  /** Jobs that ended. */
  readonly jobs: number;
  /** Users in files whose job has not ended. */
  readonly remaining: number;
  /** Users found in the new pool as they were exported; 0 while files remain. */
  readonly confirmed: number;
  /** Exported users not found so; 0 while files remain. */
  readonly missing: number;
  /** Jobs that ended otherwise than well, and what Cognito said. */
  readonly problems: readonly { readonly file: string; readonly status: string; readonly message: string }[];
}

/**
 * Has Cognito import the files of an export, one job at a time, and then looks who arrived. Each step is recorded before the
 * next: a run that was interrupted, or killed, is gone on with by the next one.
 * @throws {@link MigrationError}, {@link ConfigurationError}
 */
export async function runImportCsv(options: ImportCsvOptions): Promise<ImportCsvResult> {
  try {
    const manifest = finishedExport(options);
    const lock = acquireLock(join(options.from, RECORD_FILE));
    try {
      return await importCsv(options, manifest);
    } finally {
      lock.release();
    }
  } catch (error) {
    throw interruptedOr(asMigrationError(error), options.signal);
  }
}

/** The manifest of a folder that may be imported into a pool. @throws {@link ConfigurationError} */
function finishedExport({ from, service }: Pick<ImportCsvOptions, 'from' | 'service'>): CompleteManifest {
  const manifest = readManifest('from', from);
  if (manifest === undefined) throw new ConfigurationError('from', `${from} is not the folder of an export`);
  const { newPool, finishedAt } = manifest;
  if (finishedAt === null) {
    throw new ConfigurationError('from', `the export into ${from} was not finished: run export-csv again`);
  }
  if (newPool !== service.userPoolId) {
    throw new ConfigurationError('from', `${from} was exported for the pool ${newPool}, not for ${service.userPoolId}`);
  }
  return { ...manifest, finishedAt };
}

type CompleteManifest = Manifest & { readonly finishedAt: string };

async function importCsv(options: ImportCsvOptions, manifest: CompleteManifest): Promise<ImportCsvResult> {
  const { service, from, logsRoleArn, confirm, onStep = () => {}, clock = systemClock, signal, patience } = options;
  const pace = new Pace(JOB_RPS, clock);
  const record = new ImportRecord(from);
  const ahead = manifest.files.filter(({ name }) => record.get(name)?.end?.status !== 'Succeeded');
  await checkFiles(from, manifest);
  if (ahead.length > 0) {
    const columns = await repeated(() => service.columns(signal), { clock, pace, signal, patience });
    if ([...columns].sort().join() !== [...manifest.columns].sort().join()) {
      throw new MigrationError('ERR_POOL', `the attributes of pool ${service.userPoolId} changed since the export`, {
        fix: 'Run export-csv again, into another folder.',
      });
    }
    const users = ahead.reduce((sum, file) => sum + file.users, 0);
    if (confirm !== undefined && !(await confirm({ users, files: ahead.length }))) return resultOf(manifest, record);
  }
  const how = {
    service,
    folder: from,
    exportedAt: manifest.finishedAt,
    logsRoleArn,
    record,
    clock,
    pace,
    signal,
    patience,
  };
  for (const file of ahead) await new FileImport(file, { ...how, onStep }).run();
  const result = resultOf(manifest, record);
  const arrivals = await Arrivals.open(from, manifest);
  try {
    await options.listUsers(arrivals);
    signal?.throwIfAborted();
    arrivals.settle();
    await options.writeMapping(arrivals.confirmed());
    writeMissing(from, arrivals);
    return { ...result, ...arrivals.count() };
  } finally {
    arrivals.close();
  }
}

/** @throws {@link ConfigurationError} where a file is not the one that was exported */
async function checkFiles(from: string, { files }: Manifest): Promise<void> {
  for (const { name, bytes, sha256 } of files) {
    const path = join(from, name);
    const size = statSync(path, { throwIfNoEntry: false })?.size;
    if (size === undefined) throw new ConfigurationError('from', `${path} is missing: run export-csv again`);
    if (size !== bytes || (await sha256Of(path)) !== sha256) {
      throw new ConfigurationError('from', `${path} was changed since the export: run export-csv again`);
    }
  }
}

function resultOf({ files }: Manifest, record: ImportRecord): ImportCsvResult {
  const result = { imported: 0, skipped: 0, failed: 0, jobs: 0, remaining: 0, confirmed: 0, missing: 0 };
  const problems: { file: string; status: string; message: string }[] = [];
  for (const { name, users } of files) {
    const { importedBefore = 0, end } = record.get(name) ?? {};
    result.imported += importedBefore;
    if (end === undefined) {
      result.remaining += users;
      continue;
    }
    result.jobs += 1;
    result.imported += end.imported;
    // Those whom an earlier job of the file imported are there already.
    result.skipped += Math.max(0, end.skipped - importedBefore);
    result.failed += end.failed;
    if (end.status !== 'Succeeded') problems.push({ file: name, status: end.status, message: end.message });
  }
  return { ...result, problems };
}

function writeMissing(folder: string, arrivals: Arrivals): void {
  const file = new GrowingFile(join(folder, MISSING_FILE));
  file.add(plainCsvLine(['legacy_sub', 'file', 'line']));
  for (const { legacySub, file: name, line } of arrivals.missing()) {
    file.add(plainCsvLine([legacySub, name, String(line)]));
  }
  file.finish();
}

import { join } from 'node:path';
import { type Clock, systemClock } from '../../../clock.js';
import { type ImportService, NEVER_STARTED } from '../../../directory/import-types.js';
import { DirectoryError } from '../../../directory/user-types.js';
import { ConfigurationError } from '../../../errors.js';
import { Pace } from '../../calls/pace.js';
import type { Patience } from '../../calls/patience.js';
import { IMPORT_JOB_RPS } from '../../calls/quotas.js';
import { asMigrationError, interruptedOr, repeated } from '../../calls/repeated.js';
import { GrowingFile } from '../../files/durable-file.js';
import { replaceFile } from '../../files/replace-file.js';
import type { UserSink } from '../../listing/listing-record.js';
import { mappingLines } from '../../matching/mapping-file.js';
import { MigrationError } from '../../migration-error.js';
import { checkMaxPlanAge } from '../../state/finished-plan.js';
import { type AgeOptions, requireFresh } from '../age.js';
import { MAPPING_FILE, MISSING_FILE } from '../format/file-names.js';
import { openFolder } from '../format/folder.js';
import { type FileRecord, ImportRecord } from '../format/import-record.js';
import { lineOfMissing, MISSING_HEADER } from '../format/lists.js';
import { type CompleteManifest, finishedExport, type ManifestFile } from '../format/manifest.js';
import { Arrivals } from './arrivals.js';
import { checkColumns, checkFiles } from './check-export.js';
import { countJobs, type ImportCsvResult } from './import-result.js';
import { FileImport } from './job.js';
import { leaveOut } from './leave-out.js';
import { Newcomers } from './newcomers.js';

export interface ImportCsvOptions extends AgeOptions {
  readonly service: ImportService;
  /** Folder of a finished export of this pool. */
  readonly from: string;
  /** Role that lets Cognito write the jobs' logs. */
  readonly logsRoleArn: string;
  /** Lists every user of the new pool at least once. */
  readonly listUsers: (sink: UserSink) => Promise<void>;
  /**
   * Called before the first job, after all checks that do not list the pool; `false` ends the run before it changes anything.
   * Default: yes.
   */
  readonly confirm?: (ahead: { readonly users: number; readonly files: number }) => Promise<boolean>;
  /** Whether an interruption also stops the job that is running in Cognito. @defaultValue false */
  readonly stopOnInterrupt?: boolean;
  readonly onStep?: (step: string) => void;
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
  /** How long failing calls are repeated. */
  readonly patience?: Patience;
}

/**
 * Imports the files of an export through Cognito, one job at a time, and then checks who arrived. Each step is recorded before the
 * next one: the next run continues a run that was interrupted or killed.
 * @throws {@link MigrationError} with an {@link ImportCsvResult} of the work done so far; {@link ConfigurationError}
 */
export async function runImportCsv(options: ImportCsvOptions): Promise<ImportCsvResult> {
  const { from, onStep, service, signal } = options;
  let run: ImportRun | undefined;
  try {
    checkMaxPlanAge(options.maxPlanAge);
    // Before locking, because the lock writes a file into a folder that may belong to something else. Again after locking, because
    // the export may have been replaced meanwhile.
    ofPool(service, from);
    const lock = openFolder(from, () => onStep?.(`Other users could read ${from}. Now only you can.`));
    try {
      run = new ImportRun(options, ofPool(service, from));
      return await run.toTheEnd();
    } finally {
      lock.release();
    }
  } catch (error) {
    const failure = interruptedOr(asMigrationError(error), signal);
    if (failure instanceof MigrationError && run?.hasBegun === true) failure.partial = run.result;
    throw failure;
  }
}

/** @throws {@link ConfigurationError} if the folder holds no finished export for this pool */
function ofPool({ userPoolId }: ImportService, from: string): CompleteManifest {
  const manifest = finishedExport('from', from);
  if (manifest.newPool !== userPoolId) {
    throw new ConfigurationError(
      'from',
      `${from} was exported for the pool ${manifest.newPool}, not for ${userPoolId}`,
    );
  }
  return manifest;
}

class ImportRun {
  hasBegun = false;
  readonly #options: ImportCsvOptions;
  readonly #record: ImportRecord;
  readonly #clock: Clock;
  readonly #pace: Pace;
  #manifest: CompleteManifest;
  #found = { arrivedSince: 0, confirmed: 0, missing: 0 };

  constructor(options: ImportCsvOptions, manifest: CompleteManifest) {
    this.#options = options;
    this.#manifest = manifest;
    this.#record = new ImportRecord(options.from);
    this.#clock = options.clock ?? systemClock;
    this.#pace = new Pace(IMPORT_JOB_RPS, this.#clock);
  }

  async toTheEnd(): Promise<ImportCsvResult> {
    const { from, service } = this.#options;
    await checkFiles(from, this.#manifest);
    if (this.#ahead.length > 0) {
      const { finishedAt: madeAt } = this.#manifest;
      const age = { what: 'the export', madeAt: Date.parse(madeAt), again: 'run plan and export-csv again' };
      await requireFresh(age, this.#clock.now(), this.#options);
      await checkColumns(service, this.#manifest, this.#calls);
      if (!(await this.#isWanted())) return this.result;
      await this.#leaveOutNewcomers();
      await this.#importAhead();
    }
    await this.#lookWhoArrived(this.#manifest.files);
    return this.result;
  }

  get result(): ImportCsvResult {
    return { ...countJobs(this.#manifest, this.#record), ...this.#found };
  }

  get #ahead(): readonly ManifestFile[] {
    return this.#manifest.files.filter(({ name }) => this.#record.get(name)?.end?.status !== 'Succeeded');
  }

  async #isWanted(): Promise<boolean> {
    const files = this.#ahead;
    const users = files.reduce((sum, file) => sum + file.users, 0);
    const { confirm } = this.#options;
    return confirm === undefined || (await confirm({ users, files: files.length }));
  }

  /** Runs as late as possible. Cognito skips users who come into the pool between this check and the job. */
  async #leaveOutNewcomers(): Promise<void> {
    const { from, listUsers, onStep, signal } = this.#options;
    const fresh: ManifestFile[] = [];
    const again: ManifestFile[] = [];
    for (const file of this.#ahead) {
      const record = this.#record.get(file.name);
      if (record?.end === undefined && (await this.#hasStarted(record))) continue;
      ((record?.importedBefore ?? 0) > 0 || record?.end !== undefined ? again : fresh).push(file);
    }
    // A running job is followed, even if users came into the pool meanwhile.
    if (fresh.length + again.length === 0) return;
    const newcomers = await Newcomers.open(from, this.#manifest, { fresh, again });
    try {
      await listUsers(newcomers);
      signal?.throwIfAborted();
      const found = newcomers.count();
      if (found.again > 0) {
        const what = `legacy ids of ${[...newcomers.files].join(', ')} that other users of the new pool already have: ${found.again}`;
        throw new MigrationError('ERR_POOL', `${what}. Importing these users again would create second accounts`, {
          fix: `Run plan, look at its report, and export those who are missing again: export-csv --retry ${from}`,
        });
      }
      if (found.fresh === 0) return;
      // First, because a job that was created for a file with these users must never be started.
      for (const name of newcomers.files) this.#record.forgetJob(name);
      const { finishedAt } = this.#manifest;
      this.#manifest = { ...(await leaveOut(from, this.#manifest, newcomers)), finishedAt };
      this.#found.arrivedSince = found.fresh;
      onStep?.(
        `Users who came into the new pool after the plan and are not imported: ${found.fresh} (listed in not-imported.csv)`,
      );
    } finally {
      newcomers.close();
    }
  }

  async #hasStarted(record: FileRecord | undefined): Promise<boolean> {
    const { jobId } = record ?? {};
    if (jobId === undefined) return false;
    const { service, signal } = this.#options;
    const { status } = await repeated(() => service.describeJob(jobId, signal), this.#calls);
    return !NEVER_STARTED.some((one) => one === status);
  }

  async #importAhead(): Promise<void> {
    const { service, from, logsRoleArn, stopOnInterrupt = false, onStep = () => {}, signal } = this.#options;
    const { finishedAt: exportedAt } = this.#manifest;
    const how = {
      ...{ service, folder: from, exportedAt, logsRoleArn, record: this.#record },
      stopOnInterrupt,
      onStep,
    };
    this.hasBegun = true;
    try {
      for (const file of this.#ahead) await new FileImport(file, { ...how, ...this.#calls }).run();
    } catch (error) {
      const isForeseen = error instanceof DirectoryError || error instanceof MigrationError;
      if (isForeseen && signal?.aborted !== true) await this.#keepWhatArrived();
      throw error;
    }
  }

  get #calls() {
    const { signal, patience } = this.#options;
    return { clock: this.#clock, pace: this.#pace, signal, patience };
  }

  /** A failure at one file must not lose the mapping of the files before it. */
  async #keepWhatArrived(): Promise<void> {
    const ended = this.#manifest.files.filter(({ name }) => this.#record.get(name)?.end !== undefined);
    if (ended.length === 0) return;
    try {
      await this.#lookWhoArrived(ended);
    } catch {
      this.#options.onStep?.('The check of who arrived failed as well. The next run repeats it.');
    }
  }

  async #lookWhoArrived(files: readonly ManifestFile[]): Promise<void> {
    const { from, listUsers, signal } = this.#options;
    const arrivals = await Arrivals.open(from, { ...this.#manifest, files });
    try {
      await listUsers(arrivals);
      signal?.throwIfAborted();
      arrivals.settle();
      await replaceFile('from', join(from, MAPPING_FILE), mappingLines(arrivals.confirmed()));
      writeMissing(from, arrivals);
      this.#found = { ...this.#found, ...arrivals.count() };
    } finally {
      arrivals.close();
    }
  }
}

function writeMissing(folder: string, arrivals: Arrivals): void {
  const file = new GrowingFile(join(folder, MISSING_FILE));
  file.add(MISSING_HEADER);
  for (const { legacySub, file: name, line } of arrivals.missing()) file.add(lineOfMissing(legacySub, name, line));
  file.finish();
}

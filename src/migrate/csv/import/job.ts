import { join } from 'node:path';
import type { Clock } from '../../../clock.js';
import { ENDED, type ImportJob, type ImportService, WORKING } from '../../../directory/import-types.js';
import { items } from '../../../directory/pages.js';
import { DirectoryError } from '../../../directory/user-types.js';
import type { Pace } from '../../calls/pace.js';
import type { Patience } from '../../calls/patience.js';
import { GO_ON, repeated } from '../../calls/repeated.js';
import { MigrationError } from '../../migration-error.js';
import type { FileRecord, ImportRecord, JobEnd } from '../format/import-record.js';
import type { ManifestFile } from '../format/manifest.js';

/** How long to wait for the response to a stop. Short, because the operator is waiting for the command to end. */
const STOP_WITHIN_MS = 20_000;

const FIRST_LOOK_MS = 2000;
const LONGEST_LOOK_MS = 30_000;

export interface ImportFileOptions {
  readonly service: ImportService;
  readonly folder: string;
  /** When the export was completed. Distinguishes the files of different exports, even if their content is the same. */
  readonly exportedAt: string;
  readonly logsRoleArn: string;
  readonly record: ImportRecord;
  readonly clock: Clock;
  readonly pace: Pace;
  readonly signal: AbortSignal | undefined;
  /** Whether the signal also stops the job that is running in Cognito. */
  readonly stopOnInterrupt: boolean;
  readonly patience?: Patience | undefined;
  /** Called with a text for each step. */
  readonly onStep: (step: string) => void;
}

/**
 * Imports one file into the pool: finds or creates its job, uploads the file, starts the job and follows it to its end. Continues
 * from the step that the record and the pool show. A file whose last job ended gets another job; Cognito skips users who are
 * already in the pool.
 */
export class FileImport {
  readonly #file: ManifestFile;
  readonly #options: ImportFileOptions;
  /** Whether this run created the job. */
  #made = false;

  constructor(file: ManifestFile, options: ImportFileOptions) {
    this.#file = file;
    this.#options = options;
  }

  async run(): Promise<JobEnd> {
    const { record, signal, stopOnInterrupt } = this.#options;
    const known = record.get(this.#file.name);
    if (known === undefined) this.#keep({ attempt: 1, importedBefore: 0 });
    else if (known.stopped === true && known.end === undefined) {
      // The job may have ended before it was stopped.
      const end = await this.#followToEnd(await this.#foundOrMade());
      if (end.status === 'Succeeded') return end;
    }
    if (this.#record.end !== undefined) this.#anotherJob();
    try {
      return await this.#followToEnd(await this.#started());
    } catch (error) {
      const { jobId, uploaded } = this.#record;
      if (signal?.aborted === true && stopOnInterrupt && jobId !== undefined && uploaded === true) {
        await this.#stop(jobId);
      }
      throw error;
    }
  }

  async #followToEnd(job: ImportJob): Promise<JobEnd> {
    const end = await this.#followed(job);
    this.#keep({ ...this.#record, end });
    return end;
  }

  /** Begins the next job of the file. Keeps the number of users whom earlier jobs imported. */
  #anotherJob(): void {
    const { attempt, importedBefore, end } = this.#record;
    this.#keep({ attempt: attempt + 1, importedBefore: importedBefore + (end?.imported ?? 0) });
  }

  /**
   * Returns the job once this run or an earlier run has started it. A run creates at most one job: the upload address of an earlier
   * run's job expires after 15 minutes, but if the address of a new job is refused, the next job's address would be refused too.
   */
  async #started(): Promise<ImportJob> {
    for (;;) {
      const job = await this.#foundOrMade();
      if (isThroughOrWorking(job)) return job;
      try {
        if (this.#record.uploaded !== true || !isStartable(job)) await this.#upload(job);
        return await this.#start(job);
      } catch (error) {
        if (!(error instanceof DirectoryError) || error.kind !== 'token') throw error;
        if (this.#made) {
          throw new MigrationError('ERR_UNAVAILABLE', `${this.#file.name}: ${error.message}, though its job is new`, {
            fix: `Check whether a proxy or a network policy refuses the upload. ${GO_ON}`,
            cause: error,
          });
        }
        this.#options.onStep(`${this.#file.name}: the upload address has expired, another job is created`);
        this.#anotherJob();
      }
    }
  }

  /** A job that cannot be stopped continues in Cognito, and the next run follows it. */
  async #stop(id: string): Promise<void> {
    const { service, clock, pace, onStep } = this.#options;
    const signal = AbortSignal.timeout(STOP_WITHIN_MS);
    try {
      await repeated(() => service.stopJob(id, signal), { clock, pace, signal });
      this.#keep({ ...this.#record, stopped: true });
      onStep(`${this.#file.name}: the job was stopped; the next run creates another one`);
    } catch (error) {
      const why = error instanceof DirectoryError ? ` (${error.exception})` : '';
      onStep(`${this.#file.name}: the job could not be stopped${why}; it continues in Cognito`);
    }
  }

  async #foundOrMade(): Promise<ImportJob> {
    const { service, logsRoleArn, signal, onStep } = this.#options;
    const { jobId } = this.#record;
    if (jobId !== undefined) return this.#send(() => service.describeJob(jobId, signal));
    const name = this.#jobName();
    // Search again before each attempt: the response to the previous attempt may have been lost.
    const job = await this.#send(
      async () => (await this.#find(name)) ?? (await this.#make(() => service.createJob(name, logsRoleArn, signal))),
    );
    this.#keep({ ...this.#record, jobId: job.id });
    onStep(`${this.#file.name}: job ${job.id}`);
    return job;
  }

  async #make(create: () => Promise<ImportJob>): Promise<ImportJob> {
    this.#made = true;
    try {
      return await create();
    } catch (error) {
      // A hard limit: waiting does not help, and nothing is wrong with the pool.
      if (!(error instanceof DirectoryError && error.exception === 'LimitExceededException')) throw error;
      throw new MigrationError(
        'ERR_UNAVAILABLE',
        `pool ${this.#options.service.userPoolId} accepts no more import jobs`,
        {
          fix: `Look at its jobs: aws cognito-idp list-user-import-jobs --max-results 60 --user-pool-id ${this.#options.service.userPoolId}. Jobs that were never started expire after a day; a quota can be raised in Service Quotas. ${GO_ON}`,
          cause: error,
        },
      );
    }
  }

  /** A job of this name that has ended, is running or can still be started. */
  async #find(name: string): Promise<ImportJob | undefined> {
    const { service, signal } = this.#options;
    let startable: ImportJob | undefined;
    for await (const job of items(service, (token) => service.listJobs(token, signal))) {
      const isOurs = job.name === name;
      if (!isOurs && isAmong(WORKING, job.status)) throw this.#othersJob(job.name);
      if (isOurs && isThroughOrWorking(job)) return job;
      if (isOurs && isStartable(job)) startable = job;
    }
    return startable;
  }

  async #upload({ uploadUrl, status }: ImportJob): Promise<void> {
    const { service, folder, signal, onStep } = this.#options;
    const { name, bytes } = this.#file;
    // S3 decides whether an address has expired, because the clock of this machine may be wrong.
    if (uploadUrl === undefined || status === 'Expired') {
      throw new DirectoryError('token', 'upload', 'AddressExpired', 'the upload address of the job has expired');
    }
    await this.#send(() => service.upload(uploadUrl, { path: join(folder, name), bytes }, signal));
    this.#keep({ ...this.#record, uploaded: true });
    onStep(`${name}: uploaded`);
  }

  async #start({ id }: ImportJob): Promise<ImportJob> {
    const { service, signal, onStep } = this.#options;
    try {
      const job = await this.#send(() => service.startJob(id, signal));
      onStep(`${this.#file.name}: started`);
      return job;
    } catch (error) {
      if (!(error instanceof DirectoryError) || error.kind !== 'invalid') throw error;
      // If the response to an earlier attempt was lost, the job has already started.
      const job = await this.#send(() => service.describeJob(id, signal));
      if (!isStartable(job)) return job;
      // Another job may have started since this one was created. Then #find throws an error that says so.
      await this.#find(this.#jobName());
      throw error;
    }
  }

  #othersJob(name: string): MigrationError {
    const { userPoolId } = this.#options.service;
    return new MigrationError('ERR_UNAVAILABLE', `the import job ${name} is running on pool ${userPoolId}`, {
      fix: `Cognito runs one import job of a pool at a time, and this one does not belong to these files. Run the same command again when it has ended. To stop it: aws cognito-idp stop-user-import-job --user-pool-id ${userPoolId} --job-id ID`,
    });
  }

  async #followed(started: ImportJob): Promise<JobEnd> {
    const { service, clock, signal, onStep } = this.#options;
    let job = started;
    let seen = '';
    for (let pause = FIRST_LOOK_MS; isAmong(WORKING, job.status); pause = Math.min(pause * 2, LONGEST_LOOK_MS)) {
      await clock.sleep(pause, signal);
      job = await this.#send(() => service.describeJob(started.id, signal));
      const state = `${job.status}, ${job.imported} imported, ${job.skipped} skipped, ${job.failed} failed`;
      if (state !== seen) onStep(`${this.#file.name}: ${state}`);
      seen = state;
    }
    const { status, imported, skipped, failed, message } = job;
    return { status, imported, skipped, failed, message };
  }

  get #record(): FileRecord {
    return this.#options.record.get(this.#file.name) ?? { attempt: 1, importedBefore: 0 };
  }

  #keep(record: FileRecord): void {
    this.#options.record.set(this.#file.name, record);
  }

  #jobName(): string {
    const exported = Date.parse(this.#options.exportedAt).toString(36);
    return `cutover-${this.#file.sha256.slice(0, 32)}-${exported}-${this.#record.attempt}`;
  }

  #send<T>(call: () => Promise<T>): Promise<T> {
    const { clock, pace, signal, patience } = this.#options;
    return repeated(call, { clock, pace, signal, patience });
  }
}

const isAmong = (statuses: readonly string[], status: string): boolean => statuses.includes(status);
const isThroughOrWorking = ({ status }: ImportJob): boolean => isAmong([...WORKING, ...ENDED], status);
const isStartable = ({ status }: ImportJob): boolean => status === 'Created';

import { join } from 'node:path';
import type { Clock } from '../../../clock.js';
import { ENDED, type ImportJob, type ImportService, WORKING } from '../../../directory/import-types.js';
import { DirectoryError } from '../../../directory/types.js';
import type { Pace } from '../../calls/pace.js';
import type { Patience } from '../../calls/patience.js';
import { repeated } from '../../calls/repeated.js';
import { MigrationError } from '../../errors.js';
import type { ManifestFile } from '../manifest.js';
import type { FileRecord, ImportRecord, JobEnd } from './record.js';

/** Jobs made in a row for a file whose upload address is refused. */
const MOST_JOBS = 3;

const FIRST_LOOK_MS = 2000;
const LONGEST_LOOK_MS = 30_000;

export interface ImportFileOptions {
  readonly service: ImportService;
  readonly folder: string;
  /** When the export was complete: files of another export are other files, whatever is in them. */
  readonly exportedAt: string;
  readonly logsRoleArn: string;
  readonly record: ImportRecord;
  readonly clock: Clock;
  readonly pace: Pace;
  readonly signal: AbortSignal | undefined;
  readonly patience?: Patience | undefined;
  /** Told of each step, in words. */
  readonly onStep: (step: string) => void;
}

/**
 * Brings one file into the pool: finds or makes its job, uploads, starts, and follows it to its end. Goes on where the record and
 * the pool say. A file whose last job ended gets another one; Cognito skips users who are there already.
 */
export class FileImport {
  readonly #file: ManifestFile;
  readonly #options: ImportFileOptions;

  constructor(file: ManifestFile, options: ImportFileOptions) {
    this.#file = file;
    this.#options = options;
  }

  async run(): Promise<JobEnd> {
    const known = this.#options.record.get(this.#file.name);
    if (known?.end !== undefined) {
      this.#keep({ attempt: known.attempt + 1, importedBefore: known.importedBefore + known.end.imported });
    } else if (known === undefined) {
      this.#keep({ attempt: 1, importedBefore: 0 });
    }
    const job = await this.#started();
    const end = await this.#followed(job);
    this.#keep({ ...this.#record, end });
    return end;
  }

  /** The job once it is started, by this run or an earlier one. */
  async #started(): Promise<ImportJob> {
    for (let made = 0; made < MOST_JOBS; made++) {
      const job = await this.#foundOrMade();
      if (isThroughOrWorking(job)) return job;
      try {
        if (this.#record.uploaded !== true || !isStartable(job)) await this.#upload(job);
        return await this.#start(job);
      } catch (error) {
        if (!(error instanceof DirectoryError) || error.kind !== 'token') throw error;
        this.#options.onStep(`${this.#file.name}: its upload address is no longer good, another job is made`);
        const { attempt, importedBefore } = this.#record;
        this.#keep({ attempt: attempt + 1, importedBefore });
      }
    }
    throw new MigrationError('ERR_UNAVAILABLE', `${this.#file.name}: no upload address is accepted`, {
      fix: 'What is done is recorded. Run the same command again to go on.',
    });
  }

  async #foundOrMade(): Promise<ImportJob> {
    const { service, logsRoleArn, signal, onStep } = this.#options;
    const { jobId } = this.#record;
    if (jobId !== undefined) return this.#send(() => service.describeJob(jobId, signal));
    const name = this.#jobName();
    // Looked for again before each attempt: the answer to the one before may have been lost.
    const job = await this.#send(
      async () => (await this.#find(name)) ?? (await service.createJob(name, logsRoleArn, signal)),
    );
    this.#keep({ ...this.#record, jobId: job.id });
    onStep(`${this.#file.name}: job ${job.id}`);
    return job;
  }

  /** A job of this name, if there is one that is through, works, or may still be started. */
  async #find(name: string): Promise<ImportJob | undefined> {
    const { service, signal } = this.#options;
    let startable: ImportJob | undefined;
    let token: string | undefined;
    do {
      const page = await service.listJobs(token, signal);
      for (const job of page.items) {
        const isOurs = job.name === name;
        if (!isOurs && isAmong(WORKING, job.status)) {
          throw new MigrationError('ERR_POOL', `the import job ${job.name} works on pool ${service.userPoolId}`, {
            fix: 'Cognito runs one at a time. Run the same command again when it is through.',
          });
        }
        if (isOurs && isThroughOrWorking(job)) return job;
        if (isOurs && isStartable(job)) startable = job;
      }
      token = page.nextToken;
    } while (token !== undefined);
    return startable;
  }

  async #upload({ uploadUrl, status }: ImportJob): Promise<void> {
    const { service, folder, signal, onStep } = this.#options;
    const { name, bytes } = this.#file;
    // An address that is too old is refused: that does not hang on what this machine takes for the time.
    if (uploadUrl === undefined || status === 'Expired') {
      throw new DirectoryError('token', 'upload', 'AddressExpired', 'the upload address of the job is no longer good');
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
      // The answer to an earlier attempt may have been lost: then it is started.
      const job = await this.#send(() => service.describeJob(id, signal));
      if (isStartable(job)) throw error;
      return job;
    }
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

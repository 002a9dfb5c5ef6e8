import type {
  CreateUserImportJobRequest,
  DescribeUserImportJobRequest,
  ListUserImportJobsRequest,
} from '@aws-sdk/client-cognito-identity-provider';
import { invalidRequest, notFound, ServiceError } from '../errors.js';
import { advance, csvHeader, type ImportJob } from '../import-jobs.js';
import type { Call, Operation } from '../operation.js';
import { pageOf } from '../page-tokens.js';
import type { SimulatedPool } from '../pool.js';
import { randomUuid } from '../random.js';

export const UPLOAD_PATH = '/_import/';

function wireJob(pool: SimulatedPool, endpoint: string, job: ImportJob): object {
  return {
    JobName: job.name,
    JobId: job.id,
    UserPoolId: pool.id,
    PreSignedUrl: `${endpoint}${UPLOAD_PATH}${pool.id}/${job.id}`,
    CreationDate: job.createdAt,
    StartDate: job.startedAt,
    CompletionDate: job.completedAt,
    Status: job.status,
    CloudWatchLogsRoleArn: job.roleArn,
    ImportedUsers: job.imported,
    SkippedUsers: job.skipped,
    FailedUsers: job.failed,
    CompletionMessage: job.message,
  };
}

function namedJob(pool: SimulatedPool, id: string | undefined): ImportJob {
  const job = pool.importJobs.get(id ?? '');
  if (job === undefined) throw notFound(`Import job ${id} does not exist.`);
  return job;
}

function create({ input, pool, pools }: Call<CreateUserImportJobRequest>): object {
  const { JobName, CloudWatchLogsRoleArn } = input;
  if (JobName === undefined || CloudWatchLogsRoleArn === undefined) throw invalidRequest('jobName', 'not be null');
  const job: ImportJob = {
    id: `import-${randomUuid(pool.random)}`,
    name: JobName,
    roleArn: CloudWatchLogsRoleArn,
    createdAt: pool.nowSeconds,
    status: 'Created',
    describes: 0,
    imported: 0,
    skipped: 0,
    failed: 0,
    log: [],
  };
  pool.importJobs.set(job.id, job);
  return { UserImportJob: wireJob(pool, pools.endpoint, job) };
}

function start({ input, pool, pools }: Call<DescribeUserImportJobRequest>): object {
  const job = namedJob(pool, input.JobId);
  if (job.status !== 'Created') throw new ServiceError('PreconditionNotMetException', 'The job was started already.');
  if (job.file === undefined) throw new ServiceError('PreconditionNotMetException', 'No file was uploaded.');
  if ((pool.settings.AutoVerifiedAttributes ?? []).length === 0) {
    throw new ServiceError('PreconditionNotMetException', 'The pool has no auto-verified attribute.');
  }
  if ([...pool.importJobs.values()].some(({ status }) => status === 'Pending' || status === 'InProgress')) {
    throw new ServiceError('PreconditionNotMetException', 'Another job is running.');
  }
  job.status = 'Pending';
  job.startedAt = pool.nowSeconds;
  return { UserImportJob: wireJob(pool, pools.endpoint, job) };
}

function describe({ input, pool, pools }: Call<DescribeUserImportJobRequest>): object {
  const job = namedJob(pool, input.JobId);
  advance(pool, job);
  return { UserImportJob: wireJob(pool, pools.endpoint, job) };
}

function stop({ input, pool, pools }: Call<DescribeUserImportJobRequest>): object {
  const job = namedJob(pool, input.JobId);
  if (job.status === 'Pending' || job.status === 'InProgress') job.status = 'Stopped';
  return { UserImportJob: wireJob(pool, pools.endpoint, job) };
}

function list({ input, pool, pools, now }: Call<ListUserImportJobsRequest>): object {
  const { MaxResults: limit = 60, PaginationToken: token } = input;
  if (limit > 60) throw invalidRequest('maxResults', 'have value less than or equal to 60');
  const { items, next } = pageOf([...pool.importJobs.values()], { limit, token, scope: `${pool.id} jobs`, now });
  return { UserImportJobs: items.map((job) => wireJob(pool, pools.endpoint, job)), PaginationToken: next };
}

const header = ({ pool }: Call<unknown>): object => ({ UserPoolId: pool.id, CSVHeader: csvHeader(pool) });

/** Takes a file that was put to a job's upload address. `undefined`: there is no such job. */
export function upload(pool: SimulatedPool, jobId: string, file: string): ImportJob | undefined {
  const job = pool.importJobs.get(jobId);
  if (job?.status === 'Created') job.file = file;
  return job;
}

export const importOperations = {
  GetCSVHeader: { category: 'UserPoolResourceRead', run: header },
  CreateUserImportJob: { category: 'UserPoolResourceUpdate', write: true, run: create },
  StartUserImportJob: { category: 'UserPoolResourceUpdate', write: true, run: start },
  StopUserImportJob: { category: 'UserPoolResourceUpdate', write: true, run: stop },
  DescribeUserImportJob: { category: 'UserPoolResourceRead', run: describe },
  ListUserImportJobs: { category: 'UserPoolResourceRead', run: list },
} satisfies Record<string, Operation>;

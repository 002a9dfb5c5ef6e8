import { createReadStream } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { pipeline } from 'node:stream/promises';
import {
  CreateUserImportJobCommand,
  DescribeUserImportJobCommand,
  GetCSVHeaderCommand,
  ListUserImportJobsCommand,
  StartUserImportJobCommand,
  StopUserImportJobCommand,
  type UserImportJobType,
} from '@aws-sdk/client-cognito-identity-provider';
import { toItems, toPage, toPoolAttribute, unexpected } from '../answers.js';
import type { ImportJob, ImportService } from '../import-types.js';
import { PAGE_SIZE, paginatedFrom } from '../requests.js';
import { DirectoryError } from '../user-types.js';
import { configurationCalls } from './configuration.js';
import { connect, type UserDirectoryOptions } from './connect.js';

/** How long an upload may send nothing: long enough for a slow connection. */
const UPLOAD_SILENCE_MS = 60_000;

/**
 * User import jobs of a pool, through the AWS SDK, and the upload of their files.
 * @throws {@link ConfigurationError}
 */
export function createImportJobs(options: UserDirectoryOptions): ImportService & { close(): void } {
  const connection = connect(options);
  const { userPoolId, client, call } = connection;
  const { describePool } = configurationCalls(connection);
  const pool = { UserPoolId: userPoolId };
  return {
    userPoolId,
    columns: (signal) =>
      call('GetCSVHeader', signal, async (http) => {
        const { CSVHeader } = await client.send(new GetCSVHeaderCommand(pool), http);
        return toItems('GetCSVHeader', CSVHeader);
      }),
    settings: async (signal) => {
      const described = await describePool(signal);
      return {
        autoVerified: described.AutoVerifiedAttributes ?? [],
        signInWith: described.UsernameAttributes ?? [],
        aliases: described.AliasAttributes ?? [],
        mfaRequired: described.MfaConfiguration === 'ON',
        attributes: (described.SchemaAttributes ?? []).map(toPoolAttribute),
      };
    },
    createJob: (name, logsRoleArn, signal) =>
      call('CreateUserImportJob', signal, async (http) => {
        const command = new CreateUserImportJobCommand({ ...pool, JobName: name, CloudWatchLogsRoleArn: logsRoleArn });
        return toImportJob('CreateUserImportJob', (await client.send(command, http)).UserImportJob);
      }),
    startJob: (id, signal) =>
      call('StartUserImportJob', signal, async (http) => {
        const { UserImportJob } = await client.send(new StartUserImportJobCommand({ ...pool, JobId: id }), http);
        return toImportJob('StartUserImportJob', UserImportJob);
      }),
    stopJob: (id, signal) =>
      call('StopUserImportJob', signal, async (http) => {
        const { UserImportJob } = await client.send(new StopUserImportJobCommand({ ...pool, JobId: id }), http);
        return toImportJob('StopUserImportJob', UserImportJob);
      }),
    describeJob: (id, signal) =>
      call('DescribeUserImportJob', signal, async (http) => {
        const { UserImportJob } = await client.send(new DescribeUserImportJobCommand({ ...pool, JobId: id }), http);
        return toImportJob('DescribeUserImportJob', UserImportJob);
      }),
    listJobs: (token, signal) =>
      call('ListUserImportJobs', signal, async (http) => {
        const command = new ListUserImportJobsCommand({ ...pool, MaxResults: PAGE_SIZE, ...paginatedFrom(token) });
        const { UserImportJobs = [], PaginationToken } = await client.send(command, http);
        const jobs = UserImportJobs.map((job) => toImportJob('ListUserImportJobs', job));
        return toPage('ListUserImportJobs', jobs, PaginationToken);
      }),
    upload: putFile,
    /** Closes connections. */
    close: () => client.destroy(),
  };
}

function toImportJob(operation: string, job: UserImportJobType | undefined): ImportJob {
  const { JobId: id, JobName: name, Status: status } = job ?? {};
  if (job === undefined || !id || !name || !status) unexpected(operation, 'no import job');
  return {
    id,
    name,
    status,
    uploadUrl: job.PreSignedUrl,
    imported: job.ImportedUsers ?? 0,
    skipped: job.SkippedUsers ?? 0,
    failed: job.FailedUsers ?? 0,
    message: job.CompletionMessage ?? '',
  };
}

const UPLOAD = 'upload';

/**
 * Uploads a file to a job's address as AWS documents it: with this one header, and without a content type, which the signature
 * might not cover. The address is a secret while it is valid, so it never appears in messages.
 * @see https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-using-import-tool-cli.html
 */
async function putFile(
  url: string,
  { path, bytes }: { readonly path: string; readonly bytes: number },
  signal?: AbortSignal,
): Promise<void> {
  const target = URL.canParse(url) ? new URL(url) : undefined;
  const isLoopback = target !== undefined && /^(127\.\d+\.\d+\.\d+|\[::1\]|localhost)$/.test(target.hostname);
  if (target === undefined || (target.protocol !== 'https:' && !(target.protocol === 'http:' && isLoopback))) {
    throw new DirectoryError(
      'answer',
      UPLOAD,
      'UnexpectedAnswer',
      'the upload address of the import job is not an https address',
    );
  }
  const send = target.protocol === 'https:' ? httpsRequest : httpRequest;
  let status: number;
  try {
    status = await new Promise<number>((resolve, reject) => {
      const request = send(target, {
        method: 'PUT',
        headers: { 'content-length': bytes, 'x-amz-server-side-encryption': 'aws:kms' },
        ...(signal === undefined ? {} : { signal }),
      });
      request.setTimeout(UPLOAD_SILENCE_MS, () => request.destroy(new Error('the upload made no progress')));
      request.on('response', (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      request.on('error', reject);
      pipeline(createReadStream(path), request).catch(reject);
    });
  } catch (error) {
    signal?.throwIfAborted();
    throw new DirectoryError('unavailable', UPLOAD, 'NetworkingError', 'the upload of a file was interrupted', error);
  }
  if (status >= 200 && status < 300) return;
  const kind = status >= 500 || status === 429 ? 'unavailable' : 'token';
  throw new DirectoryError(kind, UPLOAD, `Http${status}`, `the upload of a file was answered with HTTP ${status}`);
}

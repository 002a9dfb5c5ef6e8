import { createReadStream } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { pipeline } from 'node:stream/promises';
import {
  CreateUserImportJobCommand,
  DescribeUserImportJobCommand,
  DescribeUserPoolCommand,
  GetCSVHeaderCommand,
  ListUserImportJobsCommand,
  type SchemaAttributeType,
  StartUserImportJobCommand,
  StopUserImportJobCommand,
  type UserImportJobType,
} from '@aws-sdk/client-cognito-identity-provider';
import { ATTRIBUTE_TYPES } from '../../users/attribute-values.js';
import { toItems, toToken } from '../answers.js';
import { DirectoryError } from '../user-types.js';
import { connect } from './connect.js';
import type { UserDirectoryOptions } from './user-directory.js';

const PAGE_SIZE = 60;

/** A file of 100 MB over a slow line; between two pieces of it, less. */
const UPLOAD_SILENCE_MS = 60_000;

/**
 * User import jobs of a pool behind AWS's SDK, and the upload of their files. The contract is the sync script's
 * `ImportService`.
 * @throws {@link ConfigurationError}
 */
export function createImportJobs(options: UserDirectoryOptions) {
  const { userPoolId, client, call } = connect(options);
  const pool = { UserPoolId: userPoolId };
  return {
    userPoolId,
    columns: (signal?: AbortSignal) =>
      call('GetCSVHeader', signal, async (http) => {
        const { CSVHeader } = await client.send(new GetCSVHeaderCommand(pool), http);
        return toItems('GetCSVHeader', CSVHeader);
      }),
    settings: (signal?: AbortSignal) =>
      call('DescribeUserPool', signal, async (http) => {
        const { UserPool } = await client.send(new DescribeUserPoolCommand(pool), http);
        if (UserPool === undefined) throw unexpected('DescribeUserPool', 'no pool');
        return {
          autoVerified: UserPool.AutoVerifiedAttributes ?? [],
          signInWith: UserPool.UsernameAttributes ?? [],
          aliases: UserPool.AliasAttributes ?? [],
          mfaRequired: UserPool.MfaConfiguration === 'ON',
          attributes: (UserPool.SchemaAttributes ?? []).map(toAttributeRule),
        };
      }),
    createJob: (name: string, logsRoleArn: string, signal?: AbortSignal) =>
      call('CreateUserImportJob', signal, async (http) => {
        const command = new CreateUserImportJobCommand({ ...pool, JobName: name, CloudWatchLogsRoleArn: logsRoleArn });
        return toImportJob('CreateUserImportJob', (await client.send(command, http)).UserImportJob);
      }),
    startJob: (id: string, signal?: AbortSignal) =>
      call('StartUserImportJob', signal, async (http) => {
        const { UserImportJob } = await client.send(new StartUserImportJobCommand({ ...pool, JobId: id }), http);
        return toImportJob('StartUserImportJob', UserImportJob);
      }),
    stopJob: (id: string, signal?: AbortSignal) =>
      call('StopUserImportJob', signal, async (http) => {
        const { UserImportJob } = await client.send(new StopUserImportJobCommand({ ...pool, JobId: id }), http);
        return toImportJob('StopUserImportJob', UserImportJob);
      }),
    describeJob: (id: string, signal?: AbortSignal) =>
      call('DescribeUserImportJob', signal, async (http) => {
        const { UserImportJob } = await client.send(new DescribeUserImportJobCommand({ ...pool, JobId: id }), http);
        return toImportJob('DescribeUserImportJob', UserImportJob);
      }),
    listJobs: (token?: string, signal?: AbortSignal) =>
      call('ListUserImportJobs', signal, async (http) => {
        const from = token === undefined ? {} : { PaginationToken: token };
        const command = new ListUserImportJobsCommand({ ...pool, MaxResults: PAGE_SIZE, ...from });
        const { UserImportJobs = [], PaginationToken } = await client.send(command, http);
        return {
          items: UserImportJobs.map((job) => toImportJob('ListUserImportJobs', job)),
          nextToken: toToken('ListUserImportJobs', PaginationToken),
        };
      }),
    upload: putFile,
    /** Closes connections. */
    close: () => client.destroy(),
  };
}

function toAttributeRule(attribute: SchemaAttributeType) {
  const { StringAttributeConstraints: text, NumberAttributeConstraints: number } = attribute;
  return {
    name: attribute.Name ?? '',
    type: ATTRIBUTE_TYPES.find((one) => one === attribute.AttributeDataType),
    required: attribute.Required === true,
    minLength: toNumber(text?.MinLength),
    maxLength: toNumber(text?.MaxLength),
    minValue: toNumber(number?.MinValue),
    maxValue: toNumber(number?.MaxValue),
  };
}

function toNumber(text: string | undefined): number | undefined {
  const number = Number(text || Number.NaN);
  return Number.isFinite(number) ? number : undefined;
}

function toImportJob(operation: string, job: UserImportJobType | undefined) {
  const { JobId: id, JobName: name, Status: status } = job ?? {};
  if (job === undefined || !id || !name || !status) throw unexpected(operation, 'no import job');
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

function unexpected(operation: string, what: string): DirectoryError {
  return new DirectoryError('answer', operation, 'UnexpectedAnswer', `${operation} answered with ${what}`);
}

const UPLOAD = 'upload';

/**
 * Puts a file to a job's address as AWS documents it: that one header, and no content type, which the signature might not
 * cover. The address is a secret while it is valid, and stays out of messages.
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
    throw new DirectoryError('answer', UPLOAD, 'UnexpectedAnswer', 'the upload address of the job is not https');
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
      request.setTimeout(UPLOAD_SILENCE_MS, () => request.destroy(new Error('the upload stood still')));
      request.on('response', (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      request.on('error', reject);
      pipeline(createReadStream(path), request).catch(reject);
    });
  } catch (error) {
    signal?.throwIfAborted();
    throw new DirectoryError('unavailable', UPLOAD, 'NetworkingError', 'the upload of a file broke off', error);
  }
  if (status >= 200 && status < 300) return;
  const kind = status >= 500 || status === 429 ? 'unavailable' : 'token';
  throw new DirectoryError(kind, UPLOAD, `Http${status}`, `the upload of a file was answered with HTTP ${status}`);
}

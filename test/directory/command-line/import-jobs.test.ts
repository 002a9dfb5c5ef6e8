import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createImportJobs } from '../../../src/directory/command-line/import-jobs.js';
import { DirectoryError } from '../../../src/directory/user-types.js';
import { migrationPair, NEW_POOL, type PoolOptions } from '../../support/cognito-simulator/index.js';
import { started } from '../../support/cognito-simulator/testing.js';
import { folder } from '../../support/folder.js';

async function importJobs(more: Partial<PoolOptions> = {}) {
  const [, { generated: _, ...pool }] = migrationPair({ users: 0 });
  const { simulator } = await started({ pools: [{ ...pool, ...more }] });
  const jobs = createImportJobs({ userPoolId: NEW_POOL, endpoint: simulator.endpoint });
  onTestFinished(() => jobs.close());
  return { simulator, jobs };
}

function fileOf(text: string) {
  const path = join(folder(), 'import-0001.csv');
  writeFileSync(path, text);
  return { path, bytes: Buffer.byteLength(text) };
}

describe('import jobs', () => {
  it('are made, given their file, started and followed', async () => {
    const { simulator, jobs } = await importJobs();
    const job = await jobs.createJob('first', 'arn:aws:iam::123456789012:role/Logs');
    expect(job).toMatchObject({ name: 'first', status: 'Created', imported: 0, message: '' });
    await jobs.upload(job.uploadUrl ?? '', fileOf('a,é\n'));
    expect(simulator.pool(NEW_POOL).importJobs.get(job.id)?.file).toBe('a,é\n');
    expect(await jobs.startJob(job.id)).toMatchObject({ id: job.id, status: 'Pending' });
    await jobs.describeJob(job.id);
    expect(await jobs.describeJob(job.id)).toMatchObject({
      status: 'Failed',
      message: expect.stringContaining('header'),
    });
    expect(await jobs.listJobs()).toMatchObject({ items: [{ id: job.id }], nextToken: undefined });
  });

  it('are listed page by page', async () => {
    const { jobs } = await importJobs();
    for (let n = 0; n < 61; n++) await jobs.createJob(`job${n}`, 'arn:aws:iam::123456789012:role/Logs');
    const first = await jobs.listJobs();
    expect(first.items).toHaveLength(60);
    expect((await jobs.listJobs(first.nextToken)).items).toHaveLength(1);
  });

  it('come with what decides about rows', async () => {
    const { jobs } = await importJobs({
      settings: {
        AutoVerifiedAttributes: ['phone_number'],
        UsernameAttributes: ['email'],
        AliasAttributes: ['preferred_username'],
        MfaConfiguration: 'ON',
      },
      customAttributes: [
        { Name: 'legacy_sub', StringAttributeConstraints: { MinLength: '1', MaxLength: '36' } },
        { Name: 'age', AttributeDataType: 'Number', NumberAttributeConstraints: { MinValue: '0', MaxValue: '150' } },
      ],
    });
    expect(await jobs.columns()).toEqual(expect.arrayContaining(['email', 'custom:age', 'cognito:username']));
    const { attributes, ...settings } = await jobs.settings();
    expect(settings).toEqual({
      autoVerified: ['phone_number'],
      signInWith: ['email'],
      aliases: ['preferred_username'],
      mfaRequired: true,
    });
    const none = { minLength: undefined, maxLength: undefined, minValue: undefined, maxValue: undefined };
    expect(attributes).toContainEqual({
      ...none,
      name: 'custom:legacy_sub',
      type: 'String',
      required: false,
      minLength: 1,
      maxLength: 36,
    });
    expect(attributes).toContainEqual({
      ...none,
      name: 'custom:age',
      type: 'Number',
      required: false,
      minValue: 0,
      maxValue: 150,
    });
    expect(attributes.find(({ name }) => name === 'sub')?.required).toBe(true);
  });
});

describe('an upload', () => {
  it('sends the file as AWS documents it', async () => {
    const { jobs } = await importJobs();
    const seen: unknown[] = [];
    const server = createServer((request, response) => {
      const { host: _host, connection: _connection, ...headers } = request.headers;
      seen.push({ method: request.method, headers });
      request.resume().on('end', () => response.end());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    await jobs.upload(`http://127.0.0.1:${port}/x?y=z`, fileOf('text'));
    const headers = { 'content-length': '4', 'x-amz-server-side-encryption': 'aws:kms' };
    expect(seen).toEqual([{ method: 'PUT', headers }]);
  });

  it.each(['http://example.com/x', 'ftp://127.0.0.1/x', 'http://127.0.0.1.example.com/', 'nonsense'])(
    'goes nowhere but to https, or to this machine: not to %s',
    async (url) => {
      const { jobs } = await importJobs();
      const failure = await jobs.upload(url, fileOf('text')).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(DirectoryError);
      expect(failure).toMatchObject({ kind: 'answer', message: expect.not.stringContaining(url) });
    },
  );

  it.each([
    [403, 'token'],
    [404, 'token'],
    [500, 'unavailable'],
    [503, 'unavailable'],
  ])('answered with %s is %s, and the address stays secret', async (status, kind) => {
    const { jobs } = await importJobs();
    const server = createServer((request, response) => {
      response.statusCode = status;
      request.resume().on('end', () => response.end());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const failure = await jobs
      .upload(`http://127.0.0.1:${port}/secret`, fileOf('text'))
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ kind, message: expect.stringContaining(`${status}`) });
    expect(String(failure)).not.toContain('secret');
  });

  it('that breaks off may pass; one that is stopped is stopped', async () => {
    const { jobs } = await importJobs();
    const server = createServer((request) => request.socket.destroy());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}/`;
    await expect(jobs.upload(url, fileOf('text'))).rejects.toMatchObject({ kind: 'unavailable' });
    const stopped = AbortSignal.abort(new Error('stopped'));
    await expect(jobs.upload(url, fileOf('text'), stopped)).rejects.toThrow('stopped');
  });
});

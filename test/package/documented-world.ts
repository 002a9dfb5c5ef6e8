import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { delimiter, join } from 'node:path';
import { LocalPool } from '../../src/testing/pool.js';
import { migrationPair, type PoolOptions, startSimulator, type UserInput } from '../support/cognito-simulator/index.js';
import { startDynamoDb } from '../support/dynamodb.js';
import { startRedis } from '../support/redis-server.js';

/** The app clients of docs/forward-auth.md and of examples/forward-auth. */
const CLIENTS = { old: '3n4b5urk1ft4fl3mg5e62d9ado', new: '6kqh0j3nm4bs8ifv0gqm1n7pcb' };
/** A machine may be busy with other tests. */
const LIMIT_MS = 120_000;
/** In both pools. */
const MOVED = 6;
/** In the legacy pool only. The docs ask about the 17th of a file. */
const LATE = 20;
/** In the legacy pool two accounts have this address: a person has to decide. */
const SHARED_ADDRESS = 'dana@example.com';

/** What the pages have on their readers' machines: two pools of AWS, a Redis, a DynamoDB with tables, profiles, key sets. */
export interface World extends AsyncDisposable {
  /**
   * Runs a line of a page in a shell. `until`: the command does not end by itself, and is asked to when it has printed this, and `then`
   * is done.
   */
  run(line: string, until?: RegExp, then?: (printed: string) => Promise<void>): Promise<Ended>;
}

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const legacySub = (n: number) => `${String(n).padStart(8, '0')}-0000-4000-8000-000000000000`;

function pools(legacyId: string, isUndecided: boolean): PoolOptions[] {
  const [, fresh] = migrationPair({ users: 0 });
  const person = (name: string, n: number, email = `${name}@example.com`): UserInput => ({
    username: name,
    sub: legacySub(n),
    attributes: { email, email_verified: 'true' },
  });
  const people = (name: string, count: number, first: number) =>
    Array.from({ length: count }, (_, at) => person(`${name}${at}`, first + at));
  const legacyDana = isUndecided ? [person('dana1', 90, SHARED_ADDRESS), person('dana2', 91, SHARED_ADDRESS)] : [];
  const dana = isUndecided ? [person('dana', 190, SHARED_ADDRESS)] : [];
  const { generated: _, ...sound } = fresh;
  return [
    {
      id: legacyId,
      users: [...people('user', MOVED, 1), ...people('late', LATE, 20), ...legacyDana],
      groups: [{ GroupName: 'staff', members: ['user0', 'user1'] }],
    },
    {
      ...sound,
      users: [...people('user', MOVED, 101), ...dana],
      providers: [{ ProviderName: 'LegacyPool', ProviderType: 'OIDC', AttributeMapping: { email: 'email' } }],
    },
  ];
}

/** Pools with the app clients of the docs. A process that loads loopback-only.mjs gets their key sets from `KEY_SETS`, as from Cognito. */
export async function servedPools(legacyId: string) {
  const poolOf = (userPoolId: string, clientId: string) =>
    LocalPool.create({ userPoolId, clientId, serve: false, now: Date.now });
  const [legacyPool, newPool] = await Promise.all([
    poolOf(legacyId, CLIENTS.old),
    poolOf('eu-west-1_New', CLIENTS.new),
  ]);
  const server = createServer(({ url }, response) => {
    const pool = [legacyPool, newPool].find(({ userPoolId }) => url === `/${userPoolId}/.well-known/jwks.json`);
    response.writeHead(pool === undefined ? 404 : 200).end(JSON.stringify(pool?.jwks() ?? {}));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const env = {
    NODE_OPTIONS: `--import ${new URL('../support/loopback-only.mjs', import.meta.url)}`,
    KEY_SETS: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  };
  return { legacyPool, newPool, env, close: () => server.close() };
}

interface WorldOptions {
  /** The folder with the installed package. */
  readonly installed: string;
  readonly legacyPool: string;
  /** Whether a user needs a person. */
  readonly isUndecided: boolean;
  /** In the folder of the commands. */
  readonly files: Readonly<Record<string, string>>;
}

/** A world of its own for a page. */
export async function startWorld({
  installed,
  legacyPool: legacyId,
  isUndecided,
  files,
}: WorldOptions): Promise<World> {
  const [simulator, served, redis, dynamoDb] = await Promise.all([
    startSimulator({ quotas: null, pools: pools(legacyId, isUndecided) }),
    servedPools(legacyId),
    startRedis(),
    startDynamoDb(),
  ]);
  const folder = mkdtempSync(join(installed, 'page-'));
  mkdirSync(join(folder, '.aws'));
  const profiles = ['old-account', 'old-account-readonly'].map(
    (name) => `[profile ${name}]\naws_access_key_id = AKIAOLD\naws_secret_access_key = secret\n`,
  );
  const here = (text: string) => text.replaceAll(/rediss?:\/\/[\w.-]+:6379/g, redis.url);
  const given = {
    '.aws/config': profiles.join('\n'),
    'token.txt': served.newPool.accessToken({ legacy_sub: legacySub(1) }),
    'jwks.json': JSON.stringify({ keys: [served.legacyPool, served.newPool].flatMap((pool) => pool.jwks().keys) }),
    ...files,
  };
  for (const [name, text] of Object.entries(given)) writeFileSync(join(folder, name), here(text));
  const env = {
    PATH: [join(installed, 'node_modules/.bin'), process.env['PATH']].join(delimiter),
    HOME: folder,
    ...served.env,
    AWS_ACCESS_KEY_ID: 'AKIATEST',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_ENDPOINT_URL: simulator.endpoint,
    AWS_ENDPOINT_URL_DYNAMODB: dynamoDb.endpoint,
    TOKEN: given['token.txt'],
    NO_COLOR: '1',
  };
  return {
    run: (line, until, then) => {
      // What npx starts is what is installed; npx itself takes a second each time.
      const command = here(line).replace(/^npx /, '');
      return ended(
        spawn('bash', ['-c', until === undefined ? command : `exec ${command}`], { cwd: folder, env }),
        until,
        then,
      );
    },
    [Symbol.asyncDispose]: async () => {
      served.close();
      await Promise.all([simulator.close(), redis.stop(), dynamoDb.stop()]);
    },
  };
}

async function ended(
  child: ChildProcessWithoutNullStreams,
  until: RegExp | undefined,
  then: ((printed: string) => Promise<void>) | undefined,
): Promise<Ended> {
  child.stdin.end();
  const output = { stdout: '', stderr: '' };
  let asked: Promise<void> | undefined;
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
      if (until?.test(output[name]) && asked === undefined) {
        asked = Promise.resolve(then?.(output[name])).finally(() => void child.kill('SIGTERM'));
        asked.catch(() => {});
      }
    });
  }
  const limit = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
  const [code] = (await once(child, 'close')) as [number | null];
  clearTimeout(limit);
  await asked;
  return { code, ...output };
}

import { execFile } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NODES, nodeOf } from '../../scripts/nodes.mjs';
import { LEGACY_POOL, migrationPair, NEW_POOL, startSimulator } from '../support/cognito-simulator/index.js';
import { emptyFolder, install } from './packed.js';

// One install, used by every Node that the package supports: libsql's binary, both module systems, a server, the command.

const USERS = 20;
const BESIDE = ['express@5', '@nestjs/common@12', 'reflect-metadata@0.2', 'rxjs@7', 'redis@6'];
const PEERS = ['@aws-sdk/client-cloudwatch@3', '@aws-sdk/client-dynamodb@3', '@opentelemetry/api@1'];

let folder: string;
beforeAll(() => {
  folder = emptyFolder();
  install(folder, ...BESIDE, ...PEERS);
  copyFileSync(fileURLToPath(new URL('smoke.mjs', import.meta.url)), join(folder, 'smoke.mjs'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each([process.version, ...NODES])('with Node %s', (version) => {
  it('everything that is published works, and Node warns of nothing', { timeout: 300_000 }, async (context) => {
    const program = version === process.version ? process.execPath : nodeOf(version);
    if (program === undefined) return context.skip(`Node ${version} cannot be installed here.`);
    await using simulator = await simulated();
    const env = {
      ...process.env,
      HOME: folder,
      AWS_ACCESS_KEY_ID: 'AKIATEST',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER: simulator.endpoint,
    };
    const cwd = mkdtempSync(join(folder, 'run-'));
    const args = [join(folder, 'smoke.mjs'), cwd, LEGACY_POOL, NEW_POOL];
    const { stdout } = await promisify(execFile)(program, args, { env, encoding: 'utf8' });
    const verdicts = [true, true, 'ERR_TOKEN_MALFORMED'];
    expect(JSON.parse(stdout)).toEqual({
      node: expect.stringMatching(new RegExp(`^v?${version.replaceAll('.', '\\.')}\\b`)),
      tokens: [...verdicts, ...verdicts],
      express: [401, 200, 200, 401],
      forwardAuth: [401, 200, 200, 401],
      command: { set: USERS, written: USERS, right: USERS, removed: USERS },
      warnings: [],
    });
  });
});

async function simulated() {
  const simulator = await startSimulator({ pools: migrationPair({ users: USERS }), quotas: null });
  return { endpoint: simulator.endpoint, [Symbol.asyncDispose]: () => simulator.close() };
}

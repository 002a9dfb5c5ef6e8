import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { complaintsOf, emptyFolder, install, runIn } from './packed.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  version: string;
  exports: Record<string, object | string>;
  peerDependencies: Record<string, string>;
};

/** Every subpath, with one name it has to have. A subpath that is missing here fails the first test. */
const SUBPATHS: Readonly<Record<string, string>> = {
  '.': 'createCutoverVerifier',
  './express': 'cutoverAuth',
  './express/plain': 'getAuth',
  './fastify': 'cutoverAuth',
  './hono': 'cutoverAuth',
  './koa': 'cutoverAuth',
  './nest': 'cutoverGuard',
  './api-gateway': 'createApiGatewayAuthorizer',
  './triggers': 'createUserMigrationTrigger',
  './handover': 'handOver',
  './resolvers/cognito': 'adminGetUserResolver',
  './stores/dynamodb': 'createDynamoDbStore',
  './stores/redis': 'createRedisStore',
  './metrics': 'instrumentCutover',
  './drain': 'createDrainMonitor',
  './testing': 'createTestPools',
};

/** What a user of every subpath installs beside the package. */
const BESIDE = [
  'express@5',
  'fastify@5',
  'hono@4',
  'koa@3',
  '@types/koa@3',
  '@aws-sdk/client-cloudwatch@3',
  '@aws-sdk/client-dynamodb@3',
  '@nestjs/common@12',
  '@opentelemetry/api@1',
  'reflect-metadata@0.2',
  'rxjs@7',
  '@types/aws-lambda@8',
  '@types/express@5',
  '@types/node@20',
  'typescript@7',
];

let folder: string;
const run = (command: string, ...args: string[]) => runIn(folder, command, ...args);
const specifier = (subpath: string) => join('cognito-cutover', subpath);

beforeAll(() => {
  folder = emptyFolder();
  install(folder, ...BESIDE);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the packed tarball', () => {
  it('has every subpath tested here', () => {
    const subpaths = Object.keys(manifest.exports).filter((subpath) => subpath !== './package.json');
    expect(subpaths.sort()).toEqual(Object.keys(SUBPATHS).sort());
  });

  it('holds no sources and no tests', () => {
    const inside = join(folder, 'node_modules/cognito-cutover');
    expect(['src', 'test', 'bench', 'node_modules'].filter((name) => existsSync(join(inside, name)))).toEqual([]);
    expect(existsSync(join(inside, 'LICENSE'))).toBe(true);
  });

  it.each(Object.entries(SUBPATHS))('%s works from import', (subpath, name) => {
    writeFileSync(
      join(folder, 'use.mjs'),
      `import { ${name} } from '${specifier(subpath)}'; console.log(typeof ${name});`,
    );
    expect(run(process.execPath, 'use.mjs')).toBe('function\n');
  });

  it.each(Object.entries(SUBPATHS))('%s works from require, without a warning', (subpath, name) => {
    writeFileSync(
      join(folder, 'use.cjs'),
      `process.on('warning', (warning) => console.log(warning.message));
       const { ${name} } = require('${specifier(subpath)}'); console.log(typeof ${name});`,
    );
    expect(run(process.execPath, 'use.cjs')).toBe('function\n');
  });

  it.each([
    ['commonjs', 'use.cts'],
    ['module', 'use.mts'],
  ])('type-checks as %s, declarations included', (_, file) => {
    const lines = Object.entries(SUBPATHS).map(
      ([subpath, name], at) => `import { ${name} as part${at} } from '${specifier(subpath)}';`,
    );
    const use = `${lines.join('\n')}
import { createCutoverVerifier } from '${specifier('.')}';
const verifier = createCutoverVerifier({
  legacyPool: { userPoolId: 'eu-west-1_Legacy', clientIds: ['a'] },
  newPool: { userPoolId: 'eu-west-1_New', clientIds: ['b'] },
  tokenUse: 'access',
});
export const userId: Promise<string> = verifier.verify('').then((identity) => identity.userId);
export const used = [${lines.map((_line, at) => `part${at}`).join(', ')}];
// @ts-expect-error: the token use has no default
createCutoverVerifier({ legacyPool: [], newPool: { userPoolId: '', clientIds: null } });
`;
    writeFileSync(join(folder, file), use);
    const flags = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022', '--types', 'node'];
    expect(complaintsOf(folder, 'typescript', ...flags, file)).toBe('');
  });

  it('verifies tokens: its own test kit against its own verifier, each from either module system', () => {
    writeFileSync(
      join(folder, 'both.mjs'),
      `import { createRequire } from 'node:module';
import * as esm from 'cognito-cutover';
import { createTestPools } from 'cognito-cutover/testing';
const cjs = createRequire(import.meta.url)('cognito-cutover');
const pools = await createTestPools();
for (const { createCutoverVerifier } of [esm, cjs]) {
  const verifier = createCutoverVerifier({
    legacyPool: pools.legacyPool.options, newPool: pools.newPool.options, tokenUse: 'any',
  });
  console.log((await verifier.verify(pools.legacyPool.idToken({ sub: 'me' }))).userId);
  const error = await verifier.verify('x').catch((reason) => reason);
  console.log(error instanceof esm.CutoverError, error instanceof cjs.CutoverError, error.code);
}
await pools.close();
`,
    );
    const expected = 'me\ntrue true ERR_TOKEN_MALFORMED\n';
    expect(run(process.execPath, 'both.mjs')).toBe(expected + expected);
  });

  it('has the command', () => {
    const bin = join(folder, 'node_modules/.bin/cognito-cutover');
    expect(run(bin, '--version').trim()).toBe(manifest.version);
    expect(run(bin, '--help')).toContain('plan');
  });

  it('needs nothing that only the command needs', () => {
    const lean = join(folder, 'lean');
    mkdirSync(lean);
    writeFileSync(join(lean, 'package.json'), '{ "private": true }\n');
    install(lean, '--omit=optional');
    expect(existsSync(join(lean, 'node_modules/libsql'))).toBe(false);
    const script = `import('cognito-cutover').then((all) => console.log(typeof all.createCutoverVerifier))`;
    expect(runIn(lean, process.execPath, '-e', script)).toBe('function\n');
  });
});

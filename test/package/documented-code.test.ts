import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, inject, it, onTestFinished } from 'vitest';
import { snapshotEnd, snapshotLine } from '../../src/legacy-id/mapping-snapshot.js';
import { docProgram, PROGRAM_BLOCKS } from '../support/doc-program.js';
import { startRedis } from '../support/redis-server.js';
import { compiled } from '../support/samples.js';
import { HAS } from '../support/tools.js';
import { servedPools } from './documented-world.js';
import { complaintsOf } from './packed.js';

const packedFolder = inject('packedFolder') ?? '';
/** Only modules have it. Bundlers and `async` functions stand in for it elsewhere. */
const AWAIT_AT_THE_TOP = /^.* error TS1309: .*\n/gm;

it.each(['module', 'commonjs'] as const)('the code of the docs compiles against the tarball, as %s', (type) => {
  const complaints = complaintsOf(packedFolder, 'typescript', ...docProgram(packedFolder, type).args);
  expect(type === 'module' ? complaints : complaints.replaceAll(AWAIT_AT_THE_TOP, '')).toBe('');
});

/** Imports the files one after the other, and writes down what each comes to. */
const RUN = `
import { writeFileSync } from 'node:fs';
const [, , out, ...files] = process.argv;
const outcomes = {};
let current;
for (const event of ['uncaughtException', 'unhandledRejection']) {
  process.on(event, (error) => { outcomes[current] = event + ': ' + error; });
}
for (current of files) {
  outcomes[current] = 'does not end';
  writeFileSync(out, JSON.stringify(outcomes));
  outcomes[current] = await import(current).then(() => 'runs', String);
}
writeFileSync(out, JSON.stringify(outcomes));
process.exit();
`;

it.skipIf(!HAS.redis)('the code of the docs runs with the tarball', async () => {
  const folder = mkdtempSync(join(packedFolder, 'code-'));
  const [pools, redis] = await Promise.all([servedPools('eu-west-1_Legacy'), startRedis()]);
  onTestFinished(async () => {
    pools.close();
    await redis.stop();
  });
  const files = await Promise.all(
    PROGRAM_BLOCKS.map(async ({ page, line, code }) => {
      const file = `./${page.replaceAll(/\W/g, '-')}-${line}.mjs`;
      const here = code.replaceAll('/var/lib/orders', folder).replaceAll('9464', '0');
      writeFileSync(join(folder, file), await compiled(here));
      return file;
    }),
  );
  writeFileSync(join(folder, 'run.mjs'), RUN);
  writeFileSync(join(folder, 'mapping.ndjson'), snapshotLine('new', 'legacy') + snapshotEnd(1));
  const env = {
    ...pools.env,
    PATH: process.env['PATH'],
    PORT: '0',
    REDIS_URL: redis.url,
    TOKEN: pools.newPool.idToken({ 'custom:legacy_sub': randomUUID() }),
  };
  await promisify(execFile)(process.execPath, ['run.mjs', 'outcomes.json', ...files], {
    cwd: folder,
    env,
    timeout: 100_000,
  }).catch(() => {});
  const outcomes = JSON.parse(readFileSync(join(folder, 'outcomes.json'), 'utf8'));
  expect(outcomes).toEqual(Object.fromEntries(files.map((file) => [file, 'runs'])));
});

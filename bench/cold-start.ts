/**
 * Measures the time from the start of its process until the authorizer of examples/lambda-authorizer has answered its first request,
 * minus that of an empty process in the same round. On a busy machine, use the CPU time.
 *
 *     npx tsx bench/cold-start.ts [--rounds 20] [--json]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createTestPools } from '../src/testing/index.js';
import { median } from './measure.js';

const { values: given } = parseArgs({
  options: { rounds: { type: 'string', default: '20' }, json: { type: 'boolean', default: false } },
});
const example = fileURLToPath(new URL('../examples/lambda-authorizer', import.meta.url));

/** What each process does before it prints its age and its CPU time in milliseconds. */
const scripts = {
  'an empty process': '',
  'the authorizer is loaded, keys and all': "await import('./authorizer.mjs');",
  'its first request is answered':
    "const { handler } = await import('./authorizer.mjs');\n" +
    'const { policyDocument } = await handler(JSON.parse(process.env.EVENT));\n' +
    "if (policyDocument.Statement[0].Effect !== 'Allow') throw new Error('refused');",
};

const SAY = `const { user, system } = process.cpuUsage();
process.stdout.write(JSON.stringify({ age: performance.now(), cpu: (user + system) / 1000 }));
`;

interface Sample {
  readonly age: number;
  readonly cpu: number;
}

async function run(args: readonly string[], cwd: string, env: Record<string, string> = {}): Promise<string> {
  const child = spawn(process.execPath, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'close')]);
  if (code !== 0) throw new Error(`node ${args.join(' ')} ended with ${code}`);
  return output;
}

await run(['build.mjs'], example);
const directory = await mkdtemp(join(tmpdir(), 'cold-start-'));
const pools = await createTestPools();
try {
  await cp(join(example, 'dist', 'authorizer.mjs'), join(directory, 'authorizer.mjs'));
  const names = Object.keys(scripts);
  for (const [index, script] of Object.values(scripts).entries()) {
    await writeFile(join(directory, `${index}.mjs`), `${script}\n${SAY}`);
  }
  const { legacyPool, newPool } = pools;
  const env = {
    LEGACY_USER_POOL_ID: legacyPool.userPoolId,
    LEGACY_CLIENT_IDS: legacyPool.clientId,
    LEGACY_JWKS_URI: legacyPool.jwksUri ?? '',
    NEW_USER_POOL_ID: newPool.userPoolId,
    NEW_CLIENT_IDS: newPool.clientId,
    NEW_JWKS_URI: newPool.jwksUri ?? '',
    EVENT: JSON.stringify({
      type: 'TOKEN',
      methodArn: 'arn:aws:execute-api:eu-west-1:123456789012:abcdef123/prod/GET/orders',
      authorizationToken: `Bearer ${pools.person().new.accessToken()}`,
    }),
  };
  const samples = names.map((): Sample[] => []);
  for (let round = 0; round < Number(given.rounds); round++) {
    for (const [index, list] of samples.entries()) list.push(JSON.parse(await run([`${index}.mjs`], directory, env)));
  }
  const figures = names.map((name, index) => {
    const own = samples[index] ?? [];
    const beyondEmpty = (figure: keyof Sample) =>
      median(own.map((sample, round) => sample[figure] - (samples[0]?.[round]?.[figure] ?? Number.NaN)));
    return {
      name,
      ms: median(own.map(({ age }) => age)),
      beyondEmptyMs: beyondEmpty('age'),
      cpuMs: beyondEmpty('cpu'),
    };
  });
  if (given.json) {
    console.log(JSON.stringify({ node: process.version, rounds: Number(given.rounds), limitMs: 60, figures }, null, 2));
  } else {
    const ms = (value: number) => `${value.toFixed(1)} ms`.padStart(10);
    console.log(`Node ${process.version}, medians of ${given.rounds} rounds`);
    console.log(`${''.padEnd(40)} ${'after'.padStart(10)} ${'beyond'.padStart(10)} ${'processor'.padStart(10)}`);
    for (const row of figures) {
      console.log(`${row.name.padEnd(40)} ${ms(row.ms)} ${ms(row.beyondEmptyMs)} ${ms(row.cpuMs)}`);
    }
    console.log('Goal: at most 60 ms beyond an empty process.');
  }
} finally {
  await pools.close();
  await rm(directory, { recursive: true, force: true });
}

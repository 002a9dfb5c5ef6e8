/**
 * The figures of resolvers and stores.
 *
 *     npx tsx bench/resolver.ts [--users 1000000] [--json]
 */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { cached } from '../src/legacy-id/cached.js';
import { type FileStore, openFileStore } from '../src/legacy-id/file-store.js';
import { guarded } from '../src/legacy-id/guarded.js';
import { snapshotEnd, snapshotLine } from '../src/legacy-id/mapping-snapshot.js';
import type { LegacyIdQuery } from '../src/legacy-id/resolver.js';
import { createTestPools } from '../src/testing/index.js';
import { createCutoverVerifier } from '../src/verify/verifier.js';
import { median } from './measure.js';

const { values: given } = parseArgs({
  options: { users: { type: 'string', default: '1000000' }, json: { type: 'boolean', default: false } },
});
const users = Number(given.users);
const ROUNDS = 15;

interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** The target, if there is one: at most this. */
  readonly most?: number;
}
const figures: Figure[] = [];

function report(name: string, value: number, unit: string, most?: number): void {
  figures.push({ name, value, unit, ...(most === undefined ? {} : { most }) });
  const promise = most === undefined ? '' : `  (at most ${most})${value > most ? '  MISSED' : ''}`;
  if (!given.json) console.log(`${name.padEnd(62)} ${value.toFixed(2).padStart(9)} ${unit}${promise}`);
  if (most !== undefined && value > most) process.exitCode = 1;
}

/** UUIDs by number; a new string each time, as a parser creates it. */
function uuid(kind: 'a' | 'b', n: number): string {
  const text = `${kind}0000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;
  return Buffer.from(text).toString('latin1');
}

function queryOf(sub: string): LegacyIdQuery {
  return {
    sub,
    userPoolId: 'eu-west-1_Example00',
    clientId: 'client',
    tokenUse: 'access',
    scopes: [],
    token: 'header.payload.signature',
    signal: new AbortController().signal,
  };
}

/** CPU time since `start`, in microseconds: the time on an otherwise idle machine. */
function cpuMicroseconds(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start);
  return user + system;
}

function perCall(run: (query: LegacyIdQuery) => unknown, most: number): number {
  const samples: number[] = [];
  for (let round = -2; round < ROUNDS; round++) {
    const queries = Array.from({ length: 10_000 }, (_, n) => queryOf(uuid('a', (n * 7919) % most)));
    const start = process.cpuUsage();
    for (const query of queries) run(query);
    if (round >= 0) samples.push(cpuMicroseconds(start) / queries.length);
  }
  return median(samples);
}

async function fileFigures(): Promise<FileStore> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-resolver-'));
  const path = join(folder, 'mapping.ndjson');
  const out = createWriteStream(path);
  for (let n = 0; n < users; n++) {
    if (!out.write(snapshotLine(uuid('a', n), uuid('b', n)))) await once(out, 'drain');
  }
  out.end(snapshotEnd(users));
  await once(out, 'close');

  globalThis.gc?.();
  const before = process.memoryUsage.rss();
  const started = performance.now();
  const start = process.cpuUsage();
  const store = await openFileStore({ path, checkSeconds: null });
  report(`file of ${users} users: loading, processor time`, cpuMicroseconds(start) / 1e6, 's', 5);
  report(`file of ${users} users: loading`, (performance.now() - started) / 1000, 's');
  report(`file of ${users} users: memory it adds`, (process.memoryUsage.rss() - before) / 1e6, 'MB', 150);
  await rm(folder, { recursive: true });
  report(
    `file of ${users} users: lookup`,
    perCall(({ sub }) => store.get(sub), users),
    'us',
  );
  return store;
}

function cacheFigures(): void {
  for (const known of [1_000, 45_000]) {
    const resolve = cached(() => 'legacy-id');
    for (let n = 0; n < known; n++) resolve(queryOf(uuid('a', n)));
    report(`cached(): hit among ${known} users`, perCall(resolve, known), 'us', 2);
  }
}

async function floodFigures(): Promise<void> {
  const pools = await createTestPools({ serve: false });
  const tokens = Array.from({ length: 1_000 }, () => pools.person({ mapped: false }).new.accessToken());
  let isDown = false;
  let lookups = 0;
  let atOnce = 0;
  let mostAtOnce = 0;
  const resolve = cached(
    guarded(
      async () => {
        lookups += 1;
        atOnce += 1;
        mostAtOnce = Math.max(mostAtOnce, atOnce);
        await new Promise(setImmediate);
        atOnce -= 1;
        if (isDown) throw new Error('down');
        return undefined;
      },
      { maxConcurrent: 8, maxWaiting: 1_000 },
    ),
    { missingTtlSeconds: 3600 },
  );
  const verifier = createCutoverVerifier({
    legacyPool: pools.legacyPool.options,
    newPool: pools.newPool.options,
    tokenUse: 'access',
    legacyId: { resolve },
  });
  const mapped = pools.person();
  const mappedToken = mapped.new.accessToken();

  await Promise.allSettled(Array.from({ length: 10_000 }, (_, n) => verifier.verify(tokens[n % 1_000]!)));
  report('10 000 requests of 1 000 unmapped users: lookups', lookups, '', 1_000);
  report('10 000 requests of 1 000 unmapped users: lookups at once', mostAtOnce, '', 8);

  isDown = true;
  const strangers = Array.from({ length: 1_000 }, () => pools.person({ mapped: false }).new.accessToken());
  for (const token of strangers.slice(0, 10)) await verifier.verify(token).catch(() => {});
  const refusals: number[] = [];
  for (const token of strangers) {
    const started = performance.now();
    const refusal = await verifier.verify(token).catch((error) => error);
    refusals.push(performance.now() - started);
    if (refusal.status !== 503 || !(refusal.retryAfterSeconds >= 1)) throw new Error('expected 503 with Retry-After');
  }
  if ((await verifier.verify(mappedToken)).userId !== mapped.userId) throw new Error('a mapped user was not served');
  refusals.sort((a, b) => a - b);
  report('source down: 503 for an unmapped user, median of 1 000', median(refusals), 'ms');
  report('source down: 503 for an unmapped user, 99 % of 1 000 within', refusals[989] ?? Number.NaN, 'ms', 50);
  await pools.close();
}

const store = await fileFigures();
cacheFigures();
await floodFigures();
store.close();
if (given.json) console.log(JSON.stringify(figures, undefined, 2));

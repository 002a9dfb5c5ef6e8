/**
 * The figures of export-csv: the CPU time of its own work, the rows and the files, and the memory of the whole command against
 * the simulator, which runs in a process of its own.
 *
 *     npm run build && npx tsx bench/export-csv.ts [--users 1000000] [--small 100000]
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { DirectoryUser } from '../src/directory/user-types.js';
import { runExportCsv } from '../src/migrate/csv/export/export-run.js';
import type { UserSink } from '../src/migrate/listing/listing-record.js';
import { openState } from '../src/migrate/state/state.js';
import { cliJson } from '../test/support/cli-process.js';
import {
  LEGACY_POOL,
  migrationPair,
  NEW_POOL,
  startSimulatorProcess,
} from '../test/support/cognito-simulator/index.js';

const { values: given } = parseArgs({
  options: { users: { type: 'string', default: '1000000' }, small: { type: 'string' } },
});
const users = Number(given.users);
const small = Number(given.small ?? users / 10);
const PAGE = 60;

const COLUMNS = [
  'name,given_name,family_name,middle_name,nickname,preferred_username,profile,picture,website,email,email_verified,gender',
  'birthdate,zoneinfo,locale,phone_number,phone_number_verified,address,updated_at,custom:legacy_sub,custom:tenant',
  'cognito:mfa_enabled,cognito:username',
].flatMap((names) => names.split(','));

/** In the order of the indices, as a listing in shards brings them. */
const subOf = (index: number, count: number) =>
  `${Math.floor((index / count) * 2 ** 32)
    .toString(16)
    .padStart(8, '0')}-0000-4000-8000-${index.toString(16).padStart(12, '0')}`;

function userOf(index: number, count: number): DirectoryUser {
  const attributes = {
    sub: subOf(index, count),
    email: `user${index}@example.com`,
    email_verified: 'true',
    name: `Doe, Jane ${index}`,
    given_name: 'Jane',
    family_name: 'Doe',
    birthdate: '1980-12-31',
    phone_number: '+15550100',
    phone_number_verified: 'false',
    locale: 'en-GB',
    updated_at: '1700000000',
    'custom:tenant': 'tenant-17',
  };
  const more = { status: 'CONFIRMED', enabled: true, createdAt: undefined, modifiedAt: undefined };
  return { username: `user${index}`, sub: attributes.sub, attributes, ...more };
}

/** Users per second of CPU of everything except the listing: the pages of users are created outside the measurement. */
async function ownWork(count: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'cutover-bench-'));
  const state = openState({ path: join(folder, 'cutover.db'), access: 'plan' });
  plant(state, count);
  let cpu = 0;
  let mostMb = 0;
  const measured = (work: () => void) => {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    cpu += user + system;
  };
  const listUsers = async (_directory: unknown, sink: UserSink) => {
    for (let from = 0; from < count; from += PAGE) {
      const page = Array.from({ length: Math.min(PAGE, count - from) }, (_, at) => userOf(from + at, count));
      measured(() => sink.add(page));
      if (from % (PAGE * 500) === 0) mostMb = Math.max(mostMb, process.memoryUsage().rss / 2 ** 20);
    }
  };
  const started = process.cpuUsage();
  const settings = { autoVerified: ['email'], signInWith: [], aliases: ['email'], mfaRequired: false, attributes: [] };
  const service = { userPoolId: NEW_POOL, columns: async () => COLUMNS, settings: async () => settings };
  const directory = { userPoolId: LEGACY_POOL } as never;
  const result = await runExportCsv({ state, out: join(folder, 'out'), service, legacyPools: [directory], listUsers });
  const { user, system } = process.cpuUsage(started);
  console.log(
    `${count} users: ${Math.round(count / (cpu / 1e6))} users/s of CPU for rows and files (at least 20000), ` +
      `${((user + system) / 1e6).toFixed(1)} s of CPU in all, rss ${Math.round(mostMb)} MB, ${JSON.stringify(result)}`,
  );
  state.close();
  await rm(folder, { recursive: true });
}

/** A finished plan of these users, all of whom are only in the legacy pool. */
function plant(state: ReturnType<typeof openState>, count: number): void {
  const { db, meta } = state;
  db.exec(PLAN);
  db.transaction(() => {
    for (let index = 0; index < count; index++) {
      db.run(
        'INSERT INTO legacy_users VALUES (?, 1, ?, ?, NULL, ?, NULL, 1)',
        index + 1,
        subOf(index, count),
        `user${index}`,
        `${index}`,
      );
    }
    db.exec('CREATE INDEX legacy_sub ON legacy_users (sub, pool)');
    meta.set('attribute', 'custom:legacy_sub');
    meta.set('listedFor', JSON.stringify({ rules: ['email'] }));
    meta.set('plannedAt', Date.now());
    meta.set('result', {} as never);
  });
}

/** The whole command. */
async function command(count: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'cutover-bench-'));
  const pools = migrationPair({ users: count, notMigrated: Math.round(count / 2) });
  const simulator = await startSimulatorProcess({ quotas: null, pools });
  const where = [
    ...['--legacy-pool', LEGACY_POOL, '--legacy-endpoint', simulator.endpoint, '--read-rps', '1000'],
    ...['--new-pool', NEW_POOL, '--new-endpoint', simulator.endpoint, '--state', join(folder, 'cutover.db')],
  ];
  try {
    await cliJson(['plan', ...where]);
    const result = await cliJson<{ exported: number }>(['export-csv', ...where, '--out', join(folder, 'out')]);
    const { exported, seconds, usage } = result;
    console.log(
      `export-csv of ${count} users: ${exported} exported, ${seconds.toFixed(1)} s, ` +
        `${usage?.cpuSeconds.toFixed(1)} s of CPU with the SDK's share, peak ${usage?.peakMb.toFixed(0)} MB`,
    );
  } finally {
    await simulator.close();
    await rm(folder, { recursive: true });
  }
}

const { PLAN_TABLES: PLAN } = await import('../src/migrate/state/schema.js');
for (const count of [small, users]) await ownWork(count);
if (process.env['NO'] === undefined) for (const count of [small, users]) await command(count);

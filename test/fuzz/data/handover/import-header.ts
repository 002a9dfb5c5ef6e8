import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import type { Clock } from '../../../../src/clock.js';
import { createImportJobs } from '../../../../src/directory/command-line/import-jobs.js';
import { DirectoryError } from '../../../../src/directory/user-types.js';
import { Pace } from '../../../../src/migrate/calls/pace.js';
import { checkColumns } from '../../../../src/migrate/csv/import/check-export.js';
import { MigrationError } from '../../../../src/migrate/migration-error.js';
import { LEGACY_POOL, NEW_POOL } from '../../../support/cognito-simulator/migration-pair.js';
import type { PoolOptions } from '../../../support/cognito-simulator/pool.js';
import { CANARY } from '../../canary.js';
import { type FuzzTarget, fuzzTarget } from '../../fuzz-target.js';
import { assertWellEnded, type CommandRun, runCommand, skippingClock } from '../command-run.js';
import { HostileCognito } from '../hostile-cognito.js';
import { oddValue } from '../json-mutants.js';
import { Scratch } from '../scratch.js';

const ATTRIBUTE = 'custom:legacy_sub';

/** What Cognito answers for such a pool, as far as the users have it. */
const COLUMNS = [
  ...['cognito:username', 'cognito:mfa_enabled', 'name', 'email', 'email_verified', 'phone_number'],
  ...['phone_number_verified', 'birthdate', ATTRIBUTE],
];

type Change =
  | { readonly how: 'move' | 'twice' | 'gone'; readonly at: number; readonly to: number }
  | { readonly how: 'more'; readonly at: number; readonly name: string }
  | { readonly how: 'put'; readonly at: number; readonly value: unknown };

type Input =
  | { readonly kind: 'export' | 'import'; readonly changes: readonly Change[] }
  | { readonly kind: 'export' | 'import'; readonly whole: unknown };

const NAMES = [
  ...['custom:more', 'custom:a b', 'a,b', 'a\\', '"', 'a"b', '=1+1', 'x\ny', '\0', '__proto__', 'constructor'],
  ...['sub', 'cognito:user_status', 'Email', 'e\u0301', '\ud800', '', ' ', 'x'.repeat(3000), 'middle_name'],
];

const at = fc.nat(20);
const change: fc.Arbitrary<Change> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ how: fc.constantFrom('move' as const, 'twice' as const, 'gone' as const), at, to: at }),
  },
  { weight: 3, arbitrary: fc.record({ how: fc.constant('more' as const), at, name: fc.constantFrom(...NAMES) }) },
  fc.record({ how: fc.constant('put' as const), at, value: oddValue }),
);
const kind = fc.constantFrom('export' as const, 'import' as const);
const input: fc.Arbitrary<Input> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind, changes: fc.array(change, { maxLength: 3 }) }) },
  fc.record({ kind, whole: oddValue }),
);

const headerOf = (given: Input): unknown =>
  'whole' in given ? given.whole : given.changes.reduce<readonly unknown[]>(changedHeader, COLUMNS);

function changedHeader(columns: readonly unknown[], one: Change): readonly unknown[] {
  const place = one.at % (columns.length + 1);
  if (one.how === 'more') return columns.toSpliced(place, 0, one.name);
  if (one.how === 'put') return columns.with(place % columns.length, one.value);
  if (one.how === 'gone') return columns.toSpliced(place, 1);
  const rest = one.how === 'move' ? columns.toSpliced(place, 1) : columns;
  return rest.toSpliced(one.to % (columns.length + 1), 0, ...columns.slice(place, place + 1));
}

/** What no column of an import file may have in its name. */
const UNFIT = [',', '\\', '\r', '\n', '\v', '\f', '\0', '\u0085', '\u2028', '\u2029'];

/** The columns that a header names, if an import file can have them. */
function columnsByHand(header: unknown): readonly string[] | undefined {
  // What was sent is JSON.
  const sent: unknown = JSON.parse(JSON.stringify(header) ?? 'null');
  if (!Array.isArray(sent) || !sent.every((name) => typeof name === 'string')) return undefined;
  const names: readonly string[] = sent;
  const needed = ['cognito:username', 'cognito:mfa_enabled', 'email', 'email_verified', ATTRIBUTE];
  const isColumn = (name: string) =>
    name !== '' && !name.startsWith('"') && !UNFIT.some((one) => name.includes(one)) && !/\p{Surrogate}/u.test(name);
  const fits = names.every(isColumn) && needed.every((name) => names.includes(name));
  return fits && new Set(names).size === names.length ? names : undefined;
}

const people = ['ann', 'bob', 'canary.kestrel'].map((username, n) => ({
  username,
  sub: `0000000${n}-1111-4111-8111-111111111111`,
  attributes: {
    ...{ email: `${username}@wren-private.example`, email_verified: 'true', name: `${CANARY.name}, ${n}` },
    ...{ birthdate: '1990-01-31', middle_name: 'x', 'custom:more': '=1+1' },
  },
}));

const POOLS: readonly PoolOptions[] = [
  { id: LEGACY_POOL, users: people, clients: [], customAttributes: ['more'] },
  {
    id: NEW_POOL,
    users: [],
    customAttributes: ['legacy_sub', 'more'],
    clients: [{ ClientId: 'web', ClientName: 'web', WriteAttributes: ['email'], ReadAttributes: ['email'] }],
  },
];

/** The rows of an import file, as AWS describes them: a backslash before each comma of a value. */
function rowsByHand(text: string): string[][] {
  return text
    .split(/\r?\n/)
    .filter((line) => line !== '')
    .map((line) => line.split(/(?<!\\),/).map((cell) => cell.replaceAll('\\,', ',')));
}

/** Each value stands below its own name, and no user has a value of another one. */
function assertRows(columns: readonly string[], text: string): void {
  const [header = [], ...rows] = rowsByHand(text);
  if (header.join('\n') !== columns.join('\n')) throw new Error(`the file begins with ${header}, and not ${columns}`);
  if (rows.length !== people.length) throw new Error(`the file has ${rows.length} rows`);
  for (const row of rows) {
    if (row.length !== columns.length) throw new Error(`a row has ${row.length} cells of ${columns.length}: ${row}`);
    const user = people.find(({ sub }) => sub === row[columns.indexOf(ATTRIBUTE)]);
    if (user === undefined) throw new Error(`a row is nobody's: ${row}`);
    const own: Readonly<Record<string, string | undefined>> = {
      ...user.attributes,
      ...{ 'cognito:username': user.username, 'cognito:mfa_enabled': 'false', phone_number_verified: 'false' },
      ...{ [ATTRIBUTE]: user.sub, sub: user.sub, birthdate: '01/31/1990' },
    };
    for (const [place, name] of columns.entries()) {
      const expected = Object.hasOwn(own, name) ? own[name] : '';
      if (row[place] !== expected) throw new Error(`${name} of ${user.username} is ${row[place]}, and not ${expected}`);
    }
  }
}

/** What is put in the place of the command to plant faults. */
export type ExportCommand = (args: readonly string[], clock: Clock) => Promise<CommandRun>;

export const importHeaderBy = (run: ExportCommand): FuzzTarget =>
  fuzzTarget<Input>({
    name: 'import-header',
    boundary: 'the header of import files that GetCSVHeader answers',
    async start() {
      const scratch = new Scratch();
      const cognito = await new HostileCognito().listen();
      const { endpoint } = cognito;
      const planned = scratch.path('cutover.db');
      cognito.reset(POOLS);
      const pools = ['--legacy-pool', LEGACY_POOL, '--new-pool', NEW_POOL];
      const calls = [
        '--legacy-endpoint',
        endpoint,
        '--new-endpoint',
        endpoint,
        '--read-rps',
        '1000',
        '--patience',
        '1m',
      ];
      const plan = await runCommand(['plan', '--state', planned, ...pools, ...calls]);
      if (!['done', 'attention'].includes(plan.ending)) throw new Error(`no plan was made: ${plan.stderr}`);
      const state = readFileSync(planned);
      const jobs = createImportJobs({ userPoolId: NEW_POOL, endpoint });

      const checkExport = async (header: unknown, folder: string) => {
        const [path, out] = [join(folder, 'cutover.db'), join(folder, 'import')];
        writeFileSync(path, state);
        const ended = await run(['export-csv', '--state', path, '--out', out, ...calls], skippingClock());
        const what = `export-csv with the header ${JSON.stringify(header)?.slice(0, 500)}`;
        assertWellEnded(what, ended);
        const columns = columnsByHand(header);
        const files = existsSync(out) ? readdirSync(out).filter((name) => /^import-\d+\.csv$/.test(name)) : [];
        if (columns === undefined) {
          if (['done', 'attention'].includes(ended.ending)) throw new Error(`${what} was taken: ${ended.stdout}`);
          if (files.length > 0 || existsSync(out)) throw new Error(`${what} was refused, and left ${files}`);
          return;
        }
        if (!['done', 'attention'].includes(ended.ending)) throw new Error(`${what} was refused: ${ended.stderr}`);
        if (files.length !== 1) throw new Error(`${what} made ${files.length} files: ${ended.stdout}`);
        assertRows(columns, readFileSync(join(out, files[0] ?? ''), 'utf8'));
      };

      /** An import goes on only if the pool still has the columns of its files, in any order. */
      const checkImport = async (header: unknown) => {
        const sent: unknown = JSON.parse(JSON.stringify(header) ?? 'null');
        const isList = Array.isArray(sent) && sent.every((name) => typeof name === 'string');
        const isSame = isList && JSON.stringify(sent.toSorted()) === JSON.stringify(COLUMNS.toSorted());
        const clock = skippingClock();
        const error = await checkColumns(jobs, { columns: COLUMNS } as never, {
          clock,
          pace: new Pace(1000, clock),
        }).then(
          () => undefined,
          (thrown: unknown) => thrown,
        );
        const what = `import-csv with the header ${JSON.stringify(header)?.slice(0, 500)}`;
        if ((error === undefined) !== isSame) throw new Error(`${what}: ${error ?? 'taken'}`, { cause: error });
        if (error !== undefined && !(error instanceof MigrationError) && !(error instanceof DirectoryError))
          throw new Error(`${what} ended with a crash`, { cause: error });
      };

      return {
        input,
        check: (given) =>
          scratch.within(async (folder) => {
            const header = headerOf(given);
            cognito.reset(POOLS);
            const body = JSON.stringify({ UserPoolId: NEW_POOL, CSVHeader: header });
            cognito.setForger(({ operation }) =>
              operation === 'GetCSVHeader' ? { refuses: false, forge: () => ({ status: 200, body }) } : undefined,
            );
            await (given.kind === 'export' ? checkExport(header, folder) : checkImport(header));
          }),
        close: async () => {
          jobs.close();
          await cognito.close();
          scratch.close();
        },
      };
    },
  });

export const importHeader = importHeaderBy((args, clock) => runCommand(args, { clock }));

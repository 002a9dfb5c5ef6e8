import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import { createApiGatewayAuthorizer } from '../middleware/api-gateway.js';
import { failureOf } from '../src/cli/failure.js';
import { flagOf } from '../src/cli/options/option.js';
import { COMMANDS } from '../src/cli/program.js';
import { ConfigurationError, CutoverError, type CutoverErrorCode } from '../src/errors.js';
import { cached } from '../src/legacy-id/cached.js';
import { openFileStore } from '../src/legacy-id/file-store.js';
import { guarded } from '../src/legacy-id/guarded.js';
import { MigrationError, type MigrationErrorCode } from '../src/migrate/migration-error.js';
import { checkPhasesOptions } from '../src/operate/phases/phases-options.js';
import { createPreTokenGenerationTrigger, TriggerError } from '../src/triggers/index.js';
import { checkVerifierOptions } from '../src/verify/settings.js';

interface Limits {
  readonly min: number;
  readonly max: number;
  readonly fallback: number;
}
const checked = vi.hoisted(() => new Map<string, Limits>());
vi.mock('../src/options.js', async (importOriginal) => {
  const options = await importOriginal<typeof import('../src/options.js')>();
  return {
    ...options,
    checkNumber: (option: string, value: unknown, limits: Limits) => {
      checked.set(option, limits);
      return options.checkNumber(option, value, limits);
    },
  };
});

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const sources = ['src', 'middleware'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => [join(folder, name), read(join(folder, name))] as const),
);

/** The value of a constant, in whichever source it is. `where` is a part of the path, for a name that has two values. */
function constant(name: string, where = ''): number {
  const found = sources
    .filter(([path]) => path.includes(where))
    .flatMap(([, text]) => [...text.matchAll(new RegExp(`const ${name} = ([\\d_.* ]+);`, 'g'))]);
  const values = new Set(
    found.map(([, value = '']) =>
      value
        .split('*')
        .map(numberOf)
        .reduce((a, b) => a * b, 1),
    ),
  );
  expect([...values], name).toHaveLength(1);
  return [...values][0] ?? Number.NaN;
}

const WORDS: Readonly<Record<string, number>> = { two: 2, five: 5, ten: 10 };
const NUMBER = /\d+(?: \d{3})+|\d[\d_]*(?:\.\d+)?/g;
const numberOf = (text: string) => WORDS[text] ?? Number(text.replaceAll(/[ _]/g, ''));
const numbersIn = (text: string) => (text.match(NUMBER) ?? []).map(numberOf);

/** The part of a page below a heading, or below a text that stands before a table. */
function below(page: string, start: string): string {
  const text = read(page);
  const at = text.indexOf(`\n${start}`);
  expect(at, `${page}: ${start}`).toBeGreaterThanOrEqual(0);
  const rest = text.slice(at + start.length + 1);
  const level = /^#+/.exec(start)?.[0].length ?? 6;
  const end = rest.search(new RegExp(`^#{1,${level}} `, 'm'));
  return end < 0 ? rest : rest.slice(0, end);
}

const cellsOf = (line: string) =>
  line
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((cell) => cell.trim());
const rowsOf = (text: string) =>
  text
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map(cellsOf);
/** The rows of the first table in a text. */
const firstTable = (text: string) => rowsOf(/(?:^\|.*\n)+/m.exec(text)?.[0] ?? '');

function limitsOf(build: () => unknown): (readonly [string, Limits])[] {
  checked.clear();
  build();
  return [...checked];
}

const resolver = () => undefined;
const OPTIONS: readonly (readonly [what: string, page: string, start: string, build: () => unknown])[] = [
  [
    'the verifier',
    'docs/verifier.md',
    '## Options',
    () => checkVerifierOptions({ newPool: { userPoolId: 'eu-west-1_New', clientIds: null }, tokenUse: 'access' }),
  ],
  ['phases', 'docs/phases.md', '`createPhases(options)`:', () => checkPhasesOptions({ source: async () => undefined })],
  ['cached', 'docs/stores.md', '**`cached(resolver, options)`**', () => cached(resolver)],
  // Without `maxPerSecond` there is no such limit.
  ['guarded', 'docs/stores.md', '**`guarded(resolver, options)`**', () => guarded(resolver, { maxPerSecond: 1 })],
  ['a file', 'docs/stores.md', '## Snapshot file', () => openFileStore({ path: '/nowhere' }).catch(() => undefined)],
];

describe('options', () => {
  it.each(
    OPTIONS.flatMap(([what, page, start, build]) => {
      const rows = firstTable(below(page, start));
      return limitsOf(build).map(([option, limits]) => {
        const name = [option, option.split('.')[0]].find((one) => rows.some(([cell]) => cell === `\`${one}\``));
        return { what, option, limits, row: rows.find(([cell]) => cell === `\`${name}\``) };
      });
    }),
  )('$what: the range and the default of $option', ({ limits: { min, max, fallback }, row }) => {
    const [, meaning = '', byDefault = ''] = row ?? [];
    const [, from = '', to = ''] = /([\d.]+) to (\d+(?: \d{3})*)/.exec(meaning) ?? [];
    expect([from, to].map(numberOf)).toEqual([min, max]);
    if (byDefault !== '`null`') expect(numbersIn(byDefault)).toEqual([fallback]);
  });

  it('every table has some', () => {
    for (const [, , , build] of OPTIONS) expect(limitsOf(build)).not.toHaveLength(0);
  });

  it.each([
    [
      'docs/triggers.md',
      'timeoutMs',
      /`timeoutMs`, (\d+) to ([\d ]+) ms, default ([\d ]+)\)/,
      () => createPreTokenGenerationTrigger({ store: new Map() }),
    ],
    [
      'docs/api-gateway.md',
      'clockToleranceSeconds',
      /`clockToleranceSeconds` \| (\d+) to (\d+):.*\| (\d+) \|\n/,
      () => createApiGatewayAuthorizer({ verifier: { verify: () => Promise.reject(new Error('unused')) } }),
    ],
  ])('%s: the range and the default of %s', (page, option, pattern, build) => {
    const limits = new Map(limitsOf(build)).get(option);
    const [, ...numbers] = pattern.exec(read(page)) ?? [];
    expect(numbers.map(numberOf)).toEqual([limits?.min, limits?.max, limits?.fallback]);
  });
});

const SECTIONS: Readonly<Record<string, readonly [page: string, start: string]>> = {
  assess: ['docs/assess.md', '## Options'],
  'export-csv': ['docs/csv-import.md', '### export-csv'],
  'import-csv': ['docs/csv-import.md', '### import-csv'],
  token: ['docs/token.md', '## Options'],
};
const defaultOf = (help: string) => /\(default: (.*?)(?:;.*)?\)$/.exec(help)?.[1];

const optionDefaults = COMMANDS.flatMap(({ name, options }) => {
  const [page, start] = SECTIONS[name] ?? ['docs/sync-script.md', `## ${name}`];
  if (!read(page).includes(`\n${start}\n`)) return [];
  const rows = rowsOf(below(page, start) + below('docs/sync-script.md', '## Options of every command'));
  return Object.entries(options).flatMap(([key, { help }]) => {
    const inHelp = defaultOf(help);
    const row = rows.find(([cell]) => new RegExp(`^\`${flagOf(key)}[ \`]`).test(cell ?? ''));
    const inDocs = row?.at(-1)?.replace(/.*default:/, '');
    const numbers = numbersIn(inHelp ?? '');
    // An empty cell refers to the table of another command.
    return inDocs === undefined || inDocs === '' || numbers.length === 0
      ? []
      : [{ name, flag: flagOf(key), numbers, inDocs }];
  });
});

describe('options of commands', () => {
  it.each(optionDefaults)('$name: the default of $flag', ({ numbers, inDocs }) => {
    expect(numbersIn(inDocs)).toEqual(numbers);
  });

  const commandLineOnly = COMMANDS.flatMap(({ options }) =>
    // A word of the command is not an option.
    Object.entries(options).flatMap(([key, { commandLineOnly: isOnly, words }]) =>
      isOnly === true && words === undefined ? [flagOf(key)] : [],
    ),
  );
  it.each([...new Set(commandLineOnly)])('the reference says that the config file does not take %s', (flag) => {
    const [, listed] = /only allowed on the command line: ([^.]+)\./.exec(read('docs/sync-script.md')) ?? [];
    expect(listed).toContain(`\`${flag}\``);
  });

  it('are found in the tables', () => expect(optionDefaults.length).toBeGreaterThan(20));

  it.each([
    ['plan', 'readRps', constant('DEFAULT_READ_RPS')],
    ['plan', 'rps', constant('DEFAULT_RPS')],
    ['plan', 'patience', constant('DEFAULT_PATIENCE_MS') / 3_600_000],
    ['apply', 'maxPlanAge', constant('DEFAULT_MAX_PLAN_AGE_HOURS')],
    ['sync', 'mostWrites', constant('LEAST_WRITES')],
  ])('%s --help: the default of %s is %s', (command, key, value) => {
    const definition = COMMANDS.find(({ name }) => name === command);
    expect(numbersIn(defaultOf(definition?.options[key]?.help ?? '') ?? '')).toEqual([value]);
  });
});

const codesIn = (path: string, pattern: RegExp) => [...read(path).matchAll(pattern)].map(([, code = '']) => code);

describe('error codes', () => {
  const statuses = rowsOf(below('README.md', '### Why a token is refused')).flatMap(([codes = '', status]) =>
    [...codes.matchAll(/`(ERR_\w+)`/g)].map(([, code]) => [code as CutoverErrorCode, Number(status)] as const),
  );

  it.each(statuses)('%s has status %i', (code, status) => expect(new CutoverError(code, '').status).toBe(status));

  it('of the verifier are all in the README', () => {
    const codes = codesIn('src/errors.ts', /^ {2}(ERR_\w+): \d/gm);
    expect(statuses.map(([code]) => code).sort()).toEqual(codes.sort());
  });

  it('have a section each in docs/errors.md, whose anchor help leads to, and there is no other section', () => {
    const headings = [...read('docs/errors.md').matchAll(/^## (.*)$/gm)].map(([, heading = '']) => heading);
    const codes = codesIn('src/errors.ts', /^ {2}(ERR_\w+): \d/gm) as CutoverErrorCode[];
    const errors = [...codes.map((code) => new CutoverError(code, '')), new ConfigurationError('', '')];
    expect(headings.toSorted()).toEqual(errors.map(({ code }) => code).toSorted());
    for (const { code, help } of errors) expect(help).toMatch(new RegExp(`/docs/errors\\.md#${code.toLowerCase()}$`));
  });

  const exitCodes = new Map(
    [...read('src/cli/bin.ts').matchAll(/^ {2}(\w+): (\d+),$/gm)].map(([, ending, code]) => [ending, Number(code)]),
  );
  const documented = new Map(
    rowsOf(below('docs/sync-script.md', '## Output')).map(([code = '', exit = '']) => [code, numbersIn(exit)[0]]),
  );
  it.each([
    ...codesIn('src/migrate/migration-error.ts', /^ {2}\| '(ERR_\w+)'/gm).map(
      (code) => [code, new MigrationError(code as MigrationErrorCode, '')] as const,
    ),
    ['ERR_CONFIGURATION', new ConfigurationError('', '')] as const,
    ['ERR_UNEXPECTED', new Error('a fault')] as const,
  ])('%s has its exit code', (code, error) => {
    const { ending } = failureOf(error, new AbortController().signal);
    expect(documented.get(`\`${code}\``)).toBe(exitCodes.get(ending));
  });

  it('of triggers have their sentences', () => {
    const page = read('docs/triggers.md').replaceAll(/\s+/g, ' ');
    expect(page).toContain(`\`${new TriggerError('ERR_SIGN_IN_REFUSED').message}\``);
    expect(page).toContain(`\`${new TriggerError('ERR_LEGACY_POOL_UNAVAILABLE').message}\``);
  });
});

/** What a page says, where the number stands as `#`, and what the code uses. */
const FACTS: readonly (readonly [page: string, says: string, value: number])[] = [
  ['docs/verifier.md', 'larger than # KiB', constant('MAX_JWKS_BYTES') / 1024],
  ['docs/verifier.md', 'repeated after # s, doubling', constant('FIRST_BACKOFF_MS') / 1000],
  ['docs/verifier.md', 'doubling to # s', constant('LONGEST_BACKOFF_MS') / 1000],
  ['docs/verifier.md', 'At most # tokens of a pool wait', constant('MAX_WAITING')],
  ['docs/verifier.md', 'is kept for # s at most', constant('OWN_SUB_MS') / 1000],
  ['docs/verifier.md', 'no answer within # s', constant('TIMEOUT_MS', 'verify/') / 1000],
  ['docs/verifier.md', 'becomes the `Retry-After`, at most #.', constant('MAX_RETRY_AFTER_SECONDS')],
  ['docs/verifier.md', 'none of the first # access tokens', constant('TOKENS')],
  ['docs/verifier.md', 'gives at most # warnings of each kind', constant('MOST_WARNINGS')],
  [
    'docs/session-handover.md',
    'for the whole exchange, at most # | 20 000',
    constant('MAX_TIMEOUT_MS', 'src/handover/'),
  ],
  [
    'docs/session-handover.md',
    'for the whole exchange, at most 150 000 | # |',
    constant('DEFAULT_TIMEOUT_MS', 'src/handover/'),
  ],
  ['docs/errors.md', 'a token of more than # KiB is refused', constant('MAX_TOKEN_LENGTH') / 1024],
  ['docs/errors.md', 'took longer than # s, or answered', constant('TIMEOUT_MS', 'verify/') / 1000],
  ['docs/threat-model.md', 'At most # tokens of a pool wait', constant('MAX_WAITING')],
  ['docs/express.md', 'because # decisions', constant('MAX_UNDER_WAY')],
  ['docs/api-gateway.md', 'at most # bytes of JSON', constant('MAX_ANSWER_BYTES')],
  ['docs/access-tokens.md', 'lookups at once and # per second', constant('MAX_PER_SECOND')],
  ['docs/stores.md', 'reads back # users', constant('SAMPLE')],
  ['docs/stores.md', 'writes # users per call', constant('BATCH_ITEMS')],
  ['docs/stores.md', 'with # calls at a time', constant('BATCHES')],
  ['docs/stores.md', 'at most # % of the published users', constant('REMOVED_SHARE') * 100],
  ['docs/stores.md', '(at least #) without `--allow-removals`', constant('REMOVED_USERS')],
  ['docs/groups.md', 'A pool can have # groups', constant('MOST_GROUPS')],
  ['docs/groups.md', 'A user can be in # groups', constant('MOST_GROUPS_PER_USER')],
  ['docs/groups.md', 'Groups are created at # per second', constant('GROUP_RPS')],
  ['docs/groups.md', 'one call per # members', constant('PAGE_SIZE')],
  ['docs/sync-script.md', 'Up to # rows of `--mapping`', constant('MOST_ASKED')],
  ['docs/sync-script.md', 'cut at # characters', constant('MOST_SHOWN')],
  ['docs/sync-script.md', 'within the last # seconds before the write', constant('MOST_AGE_MS') / 1000],
  ['docs/sync-script.md', 'up to # are in the page', constant('ROWS_PER_GROUP')],
  ['docs/sync-script.md', 'repeats it every # seconds in a terminal', constant('DRAWN_MS') / 1000],
  ['docs/sync-script.md', 'and every # seconds in a log', constant('LOGGED_MS') / 1000],
  ['docs/sync-script.md', 'after the start and then every # seconds', constant('LINE_EVERY_MS', 'lines') / 1000],
  ['docs/sync-script.md', 'pauses of up to # seconds', constant('LONGEST_PAUSE_MS', 'patience') / 1000],
  ['docs/sync-script.md', '(throttling: # minutes at least)', constant('FOR_THROTTLES_MS') / 60_000],
  ['docs/sync-script.md', 'it waits only # seconds', constant('AT_FIRST_MS') / 1000],
  ['docs/sync-script.md', 'below that rate for # minutes', constant('REMEMBERED_MS') / 60_000],
  ['docs/sync-script.md', 'requests this address every # seconds', constant('ASKED_MS') / 1000],
  ['docs/sync-script.md', 'anything but a 2xx within # seconds', constant('TIME_LIMIT_MS', 'wait-while') / 1000],
  ['docs/sync-script.md', 'takes more than # seconds, stops the run', constant('TIME_LIMIT_MS', 'hook') / 1000],
  ['docs/sync-script.md', "account's # writes per second", constant('USER_UPDATE_QUOTA')],
  ['docs/runbook.md', 'Region # user updates per second', constant('USER_UPDATE_QUOTA')],
  ['docs/runbook.md', 'The default of # leaves more than half', constant('DEFAULT_RPS')],
  ['docs/runbook.md', 'the speed of the last # minutes', constant('SPEED_MS') / 60_000],
  ['docs/runbook.md', '40 minutes at the default of # calls per second', constant('DEFAULT_READ_RPS')],
  ['docs/performance.md', 'minutes at the default of # calls per second', constant('DEFAULT_READ_RPS')],
  ['docs/performance.md', '# users per call', constant('PAGE_SIZE')],
];

describe('numbers in the text', () => {
  it.each(FACTS)('%s: %s is %d', (page, says, value) => {
    const text = read(page).replaceAll(/\s+/g, ' ');
    const [before = '', after = ''] = says.split('#').map((part) => part.replaceAll(/[()+.%*|]/g, '\\$&'));
    const [, number = ''] = new RegExp(`${before}(\\d+(?: \\d{3})*|[a-z]+)${after}`).exec(text) ?? [];
    expect(numberOf(number)).toBeCloseTo(value);
  });

  it('plan takes as long in every page as its calls do', () => {
    const calls = 2 * Math.ceil(1_000_000 / constant('PAGE_SIZE'));
    const minutes = Math.round(calls / constant('DEFAULT_READ_RPS') / 600) * 10;
    expect(numbersIn(read('docs/performance.md').match(/make ([\d ]+) calls/)?.[1] ?? '')).toEqual([calls]);
    for (const page of ['access-tokens', 'performance', 'runbook']) {
      const said = [
        ...read(`docs/${page}.md`)
          .replaceAll(/\s+/g, ' ')
          .matchAll(/about (\d+) minutes/g),
      ];
      expect(
        said.map(([, number = '']) => Number(number)),
        page,
      ).toEqual([minutes]);
    }
  });

  it('the prices are the list prices', () => {
    const [, listed = ''] =
      /MAU_PRICES = (\{.*?\})/.exec(sources.find(([, text]) => text.includes('MAU_PRICES ='))?.[1] ?? '') ?? [];
    const [lite, essentials, plus] = numbersIn(listed);
    expect(read('docs/assess.md').replaceAll(/\s+/g, ' ')).toContain(
      `$${lite} on Lite, $${essentials} on Essentials, $${plus} on Plus`,
    );
    expect(read('docs/runbook.md').replaceAll(/\s+/g, ' ')).toContain(
      `$${essentials} on the Essentials plan, $${lite} on Lite`,
    );
  });
});

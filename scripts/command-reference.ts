import { RUN_OPTIONS } from '../src/cli/arguments.js';
import type { CommandDefinition } from '../src/cli/define-command.js';
import { COMMON_OPTIONS } from '../src/cli/options/common.js';
import { type CliOption, type CliOptions, flagOf } from '../src/cli/options/option.js';
import { COMMANDS } from '../src/cli/program.js';

/** The page that explains a command at length, and the name of its section there. */
const EXPLAINED: Readonly<Record<string, string>> = {
  assess: 'assess.md',
  dashboard: 'dashboard.md',
  drain: 'drain.md#the-command',
  'export-csv': 'csv-import.md',
  'forward-auth': 'forward-auth.md',
  'import-csv': 'csv-import.md',
  pace: 'sync-script.md#runs-of-days',
  phase: 'phases.md#setting-the-dates',
  token: 'token.md',
};
const pageOf = (name: string) => EXPLAINED[name] ?? `sync-script.md#${name}`;

const SHARED: CliOptions = { ...COMMON_OPTIONS, ...RUN_OPTIONS };
const isShared = (key: string, { help }: CliOption<unknown>) => SHARED[key]?.help === help;

const escaped = (text: string) => text.replaceAll('|', '\\|').replaceAll('<', '&lt;');

function row(key: string, option: CliOption<unknown>): string {
  const [, meaning = '', isRequired, byDefault = ''] =
    /^(.*?)(?: \((?:(required)|default: (.*))\))?$/s.exec(option.help) ?? [];
  const inFile = option.fileKeys?.map((name) => `\`${name}\``).join(' or ');
  const notes = [
    escaped(meaning),
    ...(option.commandLineOnly === true && key !== 'config' ? ['only on the command line'] : []),
    ...(inFile === undefined ? [] : [`in the config file ${inFile}`]),
  ];
  const argument = option.argument === undefined ? '' : ` ${option.argument.replaceAll('|', '\\|')}`;
  return `| \`${flagOf(key)}${argument}\` | ${notes.join('; ')} | ${isRequired ?? escaped(byDefault)} |`;
}

/** Every option that says which pools, and how they are reached. */
const ABOUT_POOLS = Object.keys(COMMON_OPTIONS).filter((key) => key !== 'attribute' && key !== 'state');

function sharedOf(keys: readonly string[]): string {
  const hasAll = ABOUT_POOLS.every((key) => keys.includes(key));
  const named = keys.filter((key) => !hasAll || !ABOUT_POOLS.includes(key)).map((key) => `\`${flagOf(key)}\``);
  return [...(hasAll ? ['those of both pools'] : []), ...named].join(', ');
}

const table = (options: readonly (readonly [string, CliOption<unknown>])[]) => [
  '| option | meaning | default |',
  '|---|---|---|',
  ...options.map(([key, option]) => row(key, option)),
];

function section({ name, description, examples, options }: CommandDefinition): string[] {
  const all = Object.entries<CliOption<unknown>>(options).filter(([, { hidden }]) => hidden !== true);
  const word = all.find(([, { words }]) => words !== undefined)?.[1].argument;
  const shown = all.filter(([, { words, fileOnly }]) => words === undefined && fileOnly !== true);
  const own = shown.filter(([key, option]) => !isShared(key, option));
  const shared = shown.filter(([key, option]) => isShared(key, option)).map(([key]) => key);
  const inFile = all.filter(([, { fileOnly }]) => fileOnly === true).map(([key]) => `\`${key}\``);
  return [
    `## ${name}`,
    '',
    description,
    '',
    ...(word === undefined ? [] : [`\`cognito-cutover ${name} ${word}\``, '']),
    ...(own.length === 0 ? [] : [...table(own), '']),
    ...(shared.length === 0
      ? []
      : [`Also [options of several commands](#options-of-several-commands): ${sharedOf(shared)}.`, '']),
    ...(inFile.length === 0 ? [] : [`Only in the config file: ${inFile.join(', ')}.`, '']),
    '```sh',
    ...examples,
    '```',
    '',
    `More: [${pageOf(name)}](${pageOf(name)})`,
    '',
  ];
}

/** docs/commands.md, from the definitions of the commands. */
export function commandReference(): string {
  return [
    '# Every command and option',
    '',
    'This page is made from the command itself by `npm run docs:reference`; `cognito-cutover COMMAND --help` prints the same. An option',
    '`--legacy-pool` is `legacyPool` in the [config file](sync-script.md#options-of-every-command), unless its row says otherwise.',
    '[Exit codes and `--json`](sync-script.md#output) are the same for every command.',
    '',
    '| command | what it does |',
    '|---|---|',
    ...COMMANDS.map(({ name, summary }) => `| [${name}](#${name}) | ${escaped(summary)} |`),
    '',
    '## Options of several commands',
    '',
    'Every command has `--config`, `--progress` and `--json`. Its section says which of the others it has.',
    '',
    ...table(Object.entries(SHARED)),
    '',
    ...COMMANDS.flatMap(section),
  ]
    .join('\n')
    .trimEnd()
    .concat('\n');
}

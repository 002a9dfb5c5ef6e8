import { readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import fc from 'fast-check';
import { flagOf } from '../../../src/cli/options/option.js';
import { COMMANDS } from '../../../src/cli/program.js';
import { fuzzTarget } from '../fuzz-target.js';
import { assertWellEnded, type CommandRun, runCommand } from './command-run.js';
import { oddValue } from './json-mutants.js';
import { Scratch } from './scratch.js';

/** Those that serve until they are stopped, or that start other programs, are left to the inputs that are known to be wrong. */
const ENDLESS = ['dashboard', 'forward-auth'];
const NAMES = COMMANDS.map(({ name }) => name);
const OPTIONS = COMMANDS.flatMap((command) =>
  Object.entries(command.options).map(([key, option]) => ({ command, key, option })),
);
const FLAGS = [
  ...new Set(
    OPTIONS.filter(({ option }) => option.fileOnly !== true && option.words === undefined).map(({ key }) =>
      flagOf(key),
    ),
  ),
];
/** Without those that would call another address than the target's, or start a program. */
const SAFE_FLAGS = FLAGS.filter(
  (flag) => !/endpoint|hook|wait-while|^--to$|^--from$|phases|store|resolve|cloudwatch|jwks|issuer/.test(flag),
);

const WORDS = [
  '',
  ' ',
  '-',
  '--',
  '-x',
  '--=',
  '--json',
  '--help',
  '--version',
  '--__proto__',
  '=',
  '1',
  '-1',
  '1e999',
  '0x10',
  'NaN',
  'true',
  'null',
  '💥',
  '\ud800',
  '../..',
  '/dev/null',
  '/',
  'a\nb',
  "';--",
  '%s%n',
  '$(id)',
  'x'.repeat(5000),
];

type Input =
  | { readonly kind: 'unknown-key'; readonly command: string; readonly key: string; readonly value: unknown }
  | { readonly kind: 'wrong-value'; readonly command: string; readonly key: string; readonly value: unknown }
  | { readonly kind: 'text'; readonly command: string; readonly text: string }
  | { readonly kind: 'twice'; readonly command: string; readonly flag: string }
  | { readonly kind: 'argv'; readonly args: readonly string[] };

const command = fc.constantFrom(...NAMES);
const key = fc.oneof(
  fc.constantFrom(
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    '',
    ' ',
    'legacypool',
    'new-pool',
    'json',
    'yes',
    '\0',
    'état',
  ),
  fc.string({ maxLength: 20 }),
);
const single = OPTIONS.filter(
  ({ option }) =>
    option.argument !== undefined &&
    option.repeatable !== true &&
    option.fileOnly !== true &&
    option.words === undefined,
);

const input: fc.Arbitrary<Input> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('unknown-key' as const), command, key, value: oddValue }) },
  {
    weight: 5,
    arbitrary: fc
      .tuple(fc.constantFrom(...OPTIONS), oddValue)
      .map(([{ command, key }, value]) => ({ kind: 'wrong-value' as const, command: command.name, key, value })),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('text' as const),
      command,
      text: fc.oneof(
        fc.string({ maxLength: 40 }),
        fc.constantFrom(
          '',
          '{',
          '[]',
          'null',
          '"x"',
          '7',
          '{"state":"a","state":1}',
          '\ufeff',
          '{"a":'.repeat(3000),
          '['.repeat(20_000),
          `{"state":${'9'.repeat(4000)}}`,
        ),
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(...single)
      .map(({ command, key }) => ({ kind: 'twice' as const, command: command.name, flag: flagOf(key) })),
  },
  {
    weight: 4,
    arbitrary: fc
      .tuple(
        fc.constantFrom(...NAMES.filter((name) => !ENDLESS.includes(name))),
        fc.array(fc.oneof(fc.constantFrom(...SAFE_FLAGS), fc.constantFrom(...WORDS)), { maxLength: 8 }),
      )
      .map(([name, rest]) => ({ kind: 'argv' as const, args: [name, ...rest] })),
  },
);

/** What is needed to get as far as the option in question, and no further. */
const BASE = { legacyPool: 'eu-west-1_Legacy', newPool: 'eu-west-1_New' };

/** Whether the check of the option itself takes the value: then it is none that must be refused. */
function isAccepted(commandName: string, key: string, value: unknown): boolean {
  const option = OPTIONS.find((one) => one.command.name === commandName && one.key === key)?.option;
  if (option === undefined || option.commandLineOnly === true) return false;
  try {
    option.check(key, value);
    return true;
  } catch {
    return false;
  }
}

export const cliConfig = fuzzTarget<Input>({
  name: 'cli-config',
  boundary: 'config files and command lines',
  async start() {
    const scratch = new Scratch();
    let requests = 0;
    const server = createServer((request, response) => {
      requests += 1;
      request.resume();
      response.statusCode = 400;
      response.end('{"__type":"ResourceNotFoundException","message":"none"}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    // Whatever is called by mistake is called here.
    const changed = {
      AWS_ENDPOINT_URL: address,
      AWS_ACCESS_KEY_ID: 'AKIATEST',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
      HOME: scratch.path('home'),
    };
    const before = Object.keys(changed).map((name) => [name, process.env[name]] as const);
    Object.assign(process.env, changed);
    const cwd = process.cwd();
    return {
      input,
      check: (given) =>
        scratch.within(async (folder) => {
          requests = 0;
          process.chdir(folder);
          try {
            const run = await runCommand(argumentsOf(given, folder), { signal: AbortSignal.timeout(10_000) });
            assertWellEnded(JSON.stringify(given).slice(0, 300), run);
            const left = readdirSync(folder).filter((name) => name !== 'config.json');
            assertRefused(given, run, requests, left);
          } finally {
            process.chdir(cwd);
          }
        }),
      close: async () => {
        for (const [name, value] of before) {
          if (value === undefined) delete process.env[name];
          else process.env[name] = value;
        }
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
        scratch.close();
      },
    };
  },
});

function argumentsOf(given: Input, folder: string): readonly string[] {
  if (given.kind === 'argv') return given.args;
  if (given.kind === 'twice') return [given.command, given.flag, 'one', given.flag, 'two'];
  const path = join(folder, 'config.json');
  const own = given.kind === 'text' ? '' : JSON.stringify(given.value);
  const entry =
    given.kind === 'text' ? '' : `${JSON.stringify(BASE).slice(0, -1)},${JSON.stringify(given.key)}:${own ?? 'null'}}`;
  writeFileSync(path, given.kind === 'text' ? given.text : entry);
  return [given.command, '--config', path];
}

function assertRefused(given: Input, run: CommandRun, requests: number, left: readonly string[]): void {
  const output = `${run.stdout}${run.stderr}`;
  // A pool that does not exist is a usage error too, and only a call can tell.
  if (run.ending === 'usage' && requests > 0 && !/pool \S+ does not exist/.test(output))
    throw new Error(`a run was begun, and refused afterwards: ${output.slice(0, 1500)}`);
  if (given.kind === 'argv' || given.kind === 'text') return;
  const isWrong =
    given.kind === 'twice' ||
    (given.kind === 'unknown-key' &&
      !OPTIONS.some(({ key, option }) => key === given.key || option.fileKeys?.includes(given.key))) ||
    (given.kind === 'wrong-value' &&
      JSON.stringify(given.value) !== undefined &&
      isOwnKey(given) &&
      !isAccepted(given.command, given.key, JSON.parse(JSON.stringify(given.value))));
  if (!isWrong) return;
  const named = given.kind === 'twice' ? given.flag : given.key;
  if (run.ending !== 'usage') throw new Error(`${named} was not refused (${run.ending}): ${output.slice(0, 1500)}`);
  const names =
    output.includes(named) || output.includes(flagOf(named)) || output.includes(JSON.stringify(named).slice(1, -1));
  if (!names && !/is required|is missing|no state file|needs /.test(output))
    throw new Error(`the refusal does not name ${named}: ${output.slice(0, 1500)}`);
  if (requests > 0 || left.length > 0) throw new Error(`a run was begun in spite of ${named}: ${left.join()}`);
}

/** Whether the config file has the option under its own name: some have another one there. */
function isOwnKey({ command, key }: { command: string; key: string }): boolean {
  const option = OPTIONS.find((one) => one.command.name === command && one.key === key)?.option;
  return option !== undefined && option.fileKeys === undefined && option.fileOnly !== true;
}

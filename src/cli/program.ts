import { CommanderError } from 'commander';
import { Patience } from '../migrate/calls/patience.js';
import { Waiting } from '../migrate/calls/waiting.js';
import { createProgram, misuse, RUN_OPTIONS } from './arguments.js';
import { applyCommand } from './commands/apply.js';
import { assessCommand } from './commands/assess/command.js';
import { dashboardCommand } from './commands/dashboard/command.js';
import { drainCommand } from './commands/drain/command.js';
import { exportCsvCommand } from './commands/export-csv.js';
import { forwardAuthCommand } from './commands/forward-auth/command.js';
import { importCsvCommand } from './commands/import-csv.js';
import { paceCommand } from './commands/pace.js';
import { phaseCommand } from './commands/phase/command.js';
import { planCommand } from './commands/plan.js';
import { publishCommand } from './commands/publish/command.js';
import { reportCommand } from './commands/report/command.js';
import { rollbackCommand } from './commands/rollback.js';
import { statusCommand } from './commands/status.js';
import { syncCommand } from './commands/sync/command.js';
import { tokenCommand } from './commands/token/command.js';
import { verifyCommand } from './commands/verify.js';
import type { CliContext, CommandDefinition, CommandResult } from './define-command.js';
import { type Ending, type Failure, failureOf, withCommands } from './failure.js';
import { readConfigFile } from './options/config-file.js';
import { ENDURING_OPTIONS } from './options/enduring.js';
import type { CliOption, CliOptions } from './options/option.js';
import { commandLine, type Given, readOptions } from './options/read-options.js';
import { visibleLines } from './terminal/format.js';
import { ndjsonLine } from './terminal/ndjson.js';
import { createScreen, type Screen } from './terminal/screen.js';
import { coloursFor } from './terminal/terminal.js';
import { folded } from './terminal/wrapped.js';

/** Every command, in the order of the help within its stage. A command lives in a file of its own and is listed here. */
export const COMMANDS: readonly CommandDefinition[] = [
  assessCommand,
  planCommand,
  reportCommand,
  applyCommand,
  paceCommand,
  statusCommand,
  verifyCommand,
  rollbackCommand,
  syncCommand,
  exportCsvCommand,
  importCsvCommand,
  publishCommand,
  phaseCommand,
  drainCommand,
  dashboardCommand,
  forwardAuthCommand,
  tokenCommand,
];

const KNOWN_OPTIONS: CliOptions = Object.assign({}, RUN_OPTIONS, ...COMMANDS.map((command) => command.options));

/** What the config file may hold: options under their names, and those that have other keys there under these. */
const CONFIG_KEYS: CliOptions = {
  ...KNOWN_OPTIONS,
  ...Object.fromEntries(
    COMMANDS.flatMap(({ options }) =>
      Object.values<CliOption<unknown>>(options).flatMap((option) =>
        (option.fileKeys ?? []).map((key) => [key, option]),
      ),
    ),
  ),
};

/** Runs one command line and prints its result. The exit code is left to the caller. */
export async function runProgram(args: readonly string[], context: CliContext): Promise<Ending> {
  let result: CommandResult | undefined;
  let again = (command: string): string => nextCommand(command, {});
  const program = createProgram(COMMANDS, context, async (definition, given) => {
    again = (command) => nextCommand(command, given);
    result = await runCommand(definition, given, context);
  });
  // Whether JSON is wanted must be known even when the arguments cannot be understood.
  const json = args.includes('--json');
  try {
    await program.parseAsync([...args], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 'done';
    const named = COMMANDS.find(({ name }) => name === args[0]);
    const failure =
      error instanceof CommanderError ? misuse(error, named) : failureOf(error, context.signal, KNOWN_OPTIONS);
    const isCommand = (name: string) => COMMANDS.some((command) => command.name === name);
    printFailure(withCommands(failure, isCommand, again), args, context);
    return failure.ending;
  }
  if (result === undefined) return 'usage';
  if (result.isPrinted === true) return result.attention ? 'attention' : 'done';
  const { stdout } = context;
  const columns = stdout.isTTY && result.isFolded !== true ? stdout.columns : undefined;
  const summary = folded(result.summary, columns);
  stdout.write(json ? toJson(result.json) : `${summary.join('\n')}\n`);
  return result.attention ? 'attention' : 'done';
}

async function runCommand(definition: CommandDefinition, given: Given, context: CliContext): Promise<CommandResult> {
  const { config } = readOptions(given, undefined)(RUN_OPTIONS);
  const file = config === undefined ? undefined : await readConfigFile(config, CONFIG_KEYS);
  const read = readOptions(given, file);
  const screen = createScreen({
    output: context.stderr,
    colours: coloursFor(context.stderr, context.env),
    clock: context.clock,
    mode: read(RUN_OPTIONS).progress,
  });
  const announceStop = () => screen.note('Stopping: finishing what is in flight. Interrupt again to stop immediately.');
  context.signal.addEventListener('abort', announceStop, { once: true });
  try {
    return await definition.run(read, {
      ...context,
      screen,
      patience: patienceOf(read(ENDURING_OPTIONS).patience, screen, context),
      colours: coloursFor(context.stdout, context.env),
      given: (key) => given[key] !== undefined,
      again: (command) => nextCommand(command, given),
    });
  } finally {
    context.signal.removeEventListener('abort', announceStop);
    screen.stop();
  }
}

/** A command that continues this run, with the options that both have. */
function nextCommand(command: string, given: Given): string {
  const [name] = command.split(' ');
  return commandLine(command, given, COMMANDS.find((one) => one.name === name)?.options ?? {});
}

/** For commands that are not a run on a state. */
function patienceOf(patienceMs: number | undefined, screen: Screen, { clock }: CliContext): Patience {
  const waiting = new Waiting({ clock, report: screen.progress, record: () => {} });
  return new Patience({ clock, patienceMs, onWaiting: (...why) => waiting.set('calls', ...why) });
}

/** As for `--json`: known even when the arguments cannot be understood. */
function isNdjson(args: readonly string[]): boolean {
  return args.includes('--progress=ndjson') || args[args.indexOf('--progress') + 1] === 'ndjson';
}

function printFailure(
  { ending, code, message, fix, partial }: Failure,
  args: readonly string[],
  context: CliContext,
): void {
  const { red, yellow } = coloursFor(context.stderr, context.env);
  const error = { code, message, ...(fix === undefined ? {} : { fix }) };
  if (args.includes('--json')) context.stdout.write(toJson({ ...partial, error }));
  if (isNdjson(args)) {
    context.stderr.write(ndjsonLine({ type: 'error', ...error, ...partial }, context.clock.now()));
    return;
  }
  // A message may quote a file: names in it must not move the cursor or hide what follows.
  const lines = [ending === 'interrupted' ? yellow('Interrupted.') : `${red('error:')} ${visibleLines(message)}`];
  if (partial !== undefined) {
    const counts = Object.entries(partial).flatMap(([name, count]) =>
      typeof count === 'number' ? `${name} ${count}` : [],
    );
    if (counts.length > 0) lines.push(`Done before that: ${counts.join(', ')}.`);
  }
  if (fix !== undefined) lines.push(visibleLines(fix));
  else if (ending !== 'usage') lines.push('The state is safe. Run the same command again to continue.');
  const { isTTY, columns } = context.stderr;
  context.stderr.write(`${folded(lines, isTTY ? columns : undefined).join('\n')}\n`);
}

/** One line. What is unknown is `null`, so that a document always has the same fields. */
const toJson = (value: object): string =>
  `${JSON.stringify(value, (_key, member: unknown) => (member === undefined ? null : member))}\n`;

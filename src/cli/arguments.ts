import { createRequire } from 'node:module';
import { Argument, Command, type CommanderError, Option } from 'commander';
import type { CliContext, CommandDefinition, Stage } from './define-command.js';
import type { Failure } from './failure.js';
import { examplesText, helpWidth, LIST_HELP, OPTION_HELP, wrapped } from './help.js';
import { COMMON_OPTIONS } from './options/common.js';
import {
  type CliOption,
  type CliOptions,
  commandLineOnly,
  fileOption,
  flagOf,
  flagOption,
  oneOfOption,
} from './options/option.js';
import type { Given } from './options/read-options.js';
import { PROGRESS_MODES } from './terminal/terminal.js';

/** Options of every command that belong to one run. */
export const RUN_OPTIONS = {
  config: commandLineOnly(fileOption('<file>', 'JSON file with options; the command line takes precedence')),
  progress: oneOfOption(
    '<how>',
    'how to show progress: bars, lines or ndjson (default: bars on a terminal, otherwise lines)',
    PROGRESS_MODES,
  ),
  json: commandLineOnly(flagOption('print the result as one JSON document on standard output')),
} satisfies CliOptions;

const USUAL_ORDER = 'In this order: assess, plan, report, publish, apply, verify; sync every night.';

/** The headings of the list of commands, in its order. */
const STAGES: Readonly<Record<Stage, string>> = {
  before: 'Before the move:',
  backfill: 'Backfill:',
  cutover: 'During the cutover:',
  serving: 'Serving:',
};

/** The parser for a list of commands. `start` gets the chosen command and what was given on the command line. */
export function createProgram(
  commands: readonly CommandDefinition[],
  { stdout, stderr, env }: CliContext,
  start: (definition: CommandDefinition, given: Given) => Promise<void>,
): Command {
  const { version } = createRequire(import.meta.url)('cognito-cutover/package.json') as { version: string };
  const width = helpWidth(stdout, env);
  const program = new Command('cognito-cutover')
    .usage('<command> [options | --help]')
    .version(version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      outputError: () => {},
      getOutHelpWidth: () => width,
      getErrHelpWidth: () => width,
    })
    .configureHelp(OPTION_HELP)
    .addHelpText('after', wrapped(USUAL_ORDER, width));
  const inOrder = Object.keys(STAGES).flatMap((stage) => commands.filter((command) => command.stage === stage));
  for (const definition of inOrder) {
    const command = program
      .command(definition.name)
      .helpGroup(STAGES[definition.stage])
      .summary(definition.summary)
      .description(definition.description);
    let wordKey: string | undefined;
    for (const [key, option] of Object.entries<CliOption<unknown>>({ ...definition.options, ...RUN_OPTIONS })) {
      if (option.fileOnly === true) continue;
      if (option.words !== undefined) {
        wordKey = key;
        command.addArgument(new Argument(option.argument ?? '', option.help).choices(option.words));
        continue;
      }
      command.addOption(
        commanderOption(key, option)
          .helpGroup(helpGroup(key, definition))
          .hideHelp(option.hidden === true),
      );
    }
    command
      .addHelpText('after', examplesText(definition.examples, width))
      .action((first: string | Given | undefined, given: Given) => {
        if (wordKey === undefined) return start(definition, first as Given);
        return start(definition, first === undefined ? given : { ...given, [wordKey]: [first as string] });
      });
  }
  // Last, because commands inherit it.
  return program.configureHelp(LIST_HELP);
}

/** Keeps every value that is given: `readOptions` checks them, together with those of the config file. */
function commanderOption(key: string, option: CliOption<unknown>): Option {
  if (option.argument === undefined) return new Option(flagOf(key), option.help);
  return new Option(`${flagOf(key)} ${option.argument}`, option.help).argParser((text, before?: string[]) => [
    ...(before ?? []),
    text,
  ]);
}

function helpGroup(key: string, { options }: CommandDefinition): string {
  // A command that calls no pool shows only the state file.
  if (key in COMMON_OPTIONS && options['newPool']?.hidden !== true) {
    return options['state'] === undefined ? 'Pools:' : 'Pools and state file:';
  }
  return key in RUN_OPTIONS ? 'This run:' : 'Options:';
}

/** What commander refused: unknown options and commands, missing values, too many arguments. */
export function misuse(error: CommanderError, command: CommandDefinition | undefined): Failure {
  const message = error.code === 'commander.help' ? 'a command is missing' : error.message.replace(/^error: /, '');
  const help = `See ${command === undefined ? 'cognito-cutover --help' : `cognito-cutover ${command.name} --help`}`;
  const isArgument = error.code === 'commander.excessArguments' || error.code === 'commander.unknownOption';
  const fix = isArgument && command?.noArguments !== undefined ? `${command.noArguments}\n${help}` : help;
  // A token on the command line must not get into a log, too.
  return { ending: 'usage', code: 'ERR_USAGE', message: message.replaceAll(/eyJ[\w.-]*/g, '…'), fix };
}

import type { Clock } from '../clock.js';
import type { Patience } from '../migrate/calls/patience.js';
import type { CliOptions, Settings } from './options/option.js';
import type { ReadOptions } from './options/read-options.js';
import type { Screen } from './terminal/screen.js';
import type { Colours, Input, Output } from './terminal/terminal.js';

/** What a command gets from the process it runs in. */
export interface CliContext {
  readonly stdin: Input;
  /** For the result and nothing else: the summary, or with `--json` one JSON document. */
  readonly stdout: Output;
  /** For progress, questions, warnings and errors. */
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Aborts when the terminal is gone, which matters to questions only. Default: never. */
  readonly hangUp?: AbortSignal;
  /** Aborts on the first SIGINT or SIGTERM: finish what is in flight, start nothing new. */
  readonly signal: AbortSignal;
}

export interface CommandContext extends CliContext {
  /** For the summary. */
  readonly colours: Colours;
  /** Progress, warnings and notes while the command works. */
  readonly screen: Screen;
  /** How long failing calls to Cognito are repeated, for commands that are not a run on a state. */
  readonly patience: Patience;
  /** Whether an option was given on the command line, not only in the config file. */
  readonly given: (key: string) => boolean;
  /** `again('apply')`: that command, with those options of this run that it has too, ready to be pasted into a shell. */
  readonly again: (command: string) => string;
}

/** How a command ended. It prints nothing on standard output itself, unless it says so. */
export interface CommandResult {
  /** The document of `--json`. */
  readonly json: object;
  /** Lines for people; one screen at most. */
  readonly summary: readonly string[];
  /** The summary has commands for a shell, and is folded for the terminal around them already. */
  readonly isFolded?: true;
  /** The command has printed its result itself, because it is needed while the command runs. */
  readonly isPrinted?: true;
  /** Whether something needs a person: conflicts, failed writes, mismatches. */
  readonly attention: boolean;
}

/** When a command is needed: `--help` groups the commands by it. In the order of a migration. */
export type Stage = 'before' | 'backfill' | 'cutover' | 'serving';

/** One command, as program.ts lists it. */
export interface CommandDefinition {
  readonly name: string;
  readonly stage: Stage;
  /** For the list of commands; a few words. */
  readonly summary: string;
  /** For the command's own help. */
  readonly description: string;
  readonly examples: readonly string[];
  readonly options: CliOptions;
  /** Why the command takes no arguments besides options, and what to do instead; where people are likely to try. */
  readonly noArguments?: string;
  readonly run: (read: ReadOptions, context: CommandContext) => Promise<CommandResult>;
}

/** Gives `run` the checked options of the command, with their types. */
export function defineCommand<const S extends CliOptions>(definition: {
  readonly name: string;
  readonly stage: Stage;
  /** For the list of commands; a few words. */
  readonly summary: string;
  /** For the command's own help. */
  readonly description: string;
  readonly examples: readonly string[];
  readonly options: S;
  readonly noArguments?: string;
  readonly run: (settings: Settings<S>, context: CommandContext) => Promise<CommandResult>;
}): CommandDefinition {
  return { ...definition, run: (read, context) => definition.run(read(definition.options), context) };
}

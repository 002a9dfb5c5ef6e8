import type { Clock } from '../clock.js';
import type { Patience } from '../migrate/calls/patience.js';
import type { CliOptions, Settings } from './options/option.js';
import type { ReadOptions } from './options/read-options.js';
import type { Screen } from './terminal/screen.js';
import type { Colours, Input, Output } from './terminal/terminal.js';

/** What a command gets of the process it runs in. */
export interface CliContext {
  readonly stdin: Input;
  /** Takes the result and nothing else: the summary, or with `--json` one JSON document. */
  readonly stdout: Output;
  /** Takes progress, questions, warnings and errors. */
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Aborts when the terminal is gone, which only questions mind. Default: never. */
  readonly hangUp?: AbortSignal;
  /** Aborts on the first SIGINT or SIGTERM: finish what is in flight, start nothing new. */
  readonly signal: AbortSignal;
}

export interface CommandContext extends CliContext {
  /** For the summary. */
  readonly colours: Colours;
  /** Progress, warnings and notes while the command works. */
  readonly screen: Screen;
  /** How long calls to Cognito that fail are repeated, for commands that are no run on a state. */
  readonly patience: Patience;
  /** Whether an option stands on the command line, and not in the config file alone. */
  readonly given: (key: string) => boolean;
  /** `again('apply --yes')`: that command with the pools and files of this run, to be pasted into a shell. */
  readonly again: (command: string) => string;
}

/** How a command ended. It prints nothing on standard output itself. */
export interface CommandResult {
  /** The document of `--json`. */
  readonly json: object;
  /** Lines for people; one screen at most. */
  readonly summary: readonly string[];
  /** Whether something needs a person: conflicts, failed writes, mismatches. */
  readonly attention: boolean;
}

/** One command, as program.ts lists it. */
export interface CommandDefinition {
  readonly name: string;
  /** For the list of commands; a few words. */
  readonly summary: string;
  /** For the command's own help. */
  readonly description: string;
  readonly examples: readonly string[];
  readonly options: CliOptions;
  readonly run: (read: ReadOptions, context: CommandContext) => Promise<CommandResult>;
}

/** Ties the options of a command to the types its `run` sees. */
export function defineCommand<const S extends CliOptions>(definition: {
  readonly name: string;
  /** For the list of commands; a few words. */
  readonly summary: string;
  /** For the command's own help. */
  readonly description: string;
  readonly examples: readonly string[];
  readonly options: S;
  readonly run: (settings: Settings<S>, context: CommandContext) => Promise<CommandResult>;
}): CommandDefinition {
  return { ...definition, run: (read, context) => definition.run(read(definition.options), context) };
}

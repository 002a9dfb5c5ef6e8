import { ConfigurationError } from '../../errors.js';
import type { Estimate } from '../../migrate/results.js';
import { refuseOldPlan } from '../../migrate/state/finished-plan.js';
import { counted } from '../../words.js';
import type { CommandContext } from '../define-command.js';
import { formatChanges, formatTable, formatUsers } from '../terminal/format.js';
import { askYesNo } from '../terminal/terminal.js';
import { estimateLines } from '../wording/summary.js';
import type { TargetRows } from './target.js';

export type Confirm = (estimate: Estimate, doubt?: string, target?: TargetRows) => Promise<boolean>;

type Ask = (question: string) => Promise<boolean>;

/** Asks the person at the terminal; `undefined` where there is none. */
function askerAt({ stdin, stderr, screen, signal, hangUp }: CommandContext): Ask | undefined {
  if (!(stdin.isTTY && stderr.isTTY)) return undefined;
  return (question) => {
    screen.stop();
    return askYesNo(question, { input: stdin, output: stderr, signal, hangUp });
  };
}

/** @throws ConfigurationError at once when nobody can answer and `--yes` did not */
export function requireAsker(yes: boolean, context: CommandContext): Ask {
  const ask = yes ? async () => true : askerAt(context);
  if (ask !== undefined) return ask;
  throw new ConfigurationError('--yes', 'is required where nobody can be asked: this is not a terminal');
}

/** Asks whether to use something although it is old; `undefined` with `--yes`, or where nobody can be asked. */
export function askAboutAge(yes: boolean, context: CommandContext): ((what: string) => Promise<boolean>) | undefined {
  const ask = yes ? undefined : askerAt(context);
  return ask && ((what) => ask(`${what.charAt(0).toUpperCase()}${what.slice(1)}. Continue with it?`));
}

/**
 * Shows the estimate, and what is written to and by whom, and asks whether to write. `yes` answers for scripts, except when the plan is too old.
 *
 * @throws ConfigurationError at once when nobody can be asked
 */
export function askBeforeWriting(verb: string, yes: boolean, context: CommandContext): Confirm {
  const ask = requireAsker(yes, context);
  return async (estimate, doubt, target = []) => {
    if (yes && doubt !== undefined) refuseOldPlan(doubt);
    for (const line of [...formatTable(target), ...estimateLines(estimate)]) context.screen.note(line);
    const { writes, estimatedMau: users } = estimate;
    const what = writes === users ? formatUsers(users) : `${formatChanges(writes)} of ${formatUsers(users)}`;
    return ask(`${doubt === undefined ? '' : `${doubt} `}${verb} ${what}?`);
  };
}

/** Shows lines, and asks a question about them. */
export type AskAbout = (lines: readonly string[], question: string) => Promise<boolean>;

/** @throws ConfigurationError at once when nobody can be asked */
export function askAbout(yes: boolean, context: CommandContext): AskAbout {
  const ask = requireAsker(yes, context);
  return async (lines, question) => {
    for (const line of lines) context.screen.note(line);
    return ask(question);
  };
}

export interface ImportAhead {
  readonly users: number;
  readonly files: number;
}

type ConfirmImport = (ahead: ImportAhead, target?: TargetRows) => Promise<boolean>;

/** @throws ConfigurationError at once when nobody can be asked */
export function askBeforeImporting(yes: boolean, context: CommandContext): ConfirmImport {
  const ask = requireAsker(yes, context);
  const announce = announceImport(context);
  return async (ahead, target) => {
    await announce(ahead, target);
    return ask(`Import ${formatUsers(ahead.users)}?`);
  };
}

/** Shows what would be imported, and refuses to import it. */
export function announceImport({ screen: { note } }: CommandContext): ConfirmImport {
  return async ({ users, files }, target = []) => {
    for (const line of formatTable(target)) note(line);
    note(`To be imported: ${formatUsers(users)} in ${counted(files, 'file')}.`);
    note(
      'An import makes no user monthly active. Every imported user must choose a new password at the first sign-in.',
    );
    return false;
  };
}

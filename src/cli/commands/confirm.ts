import { ConfigurationError } from '../../errors.js';
import type { Estimate } from '../../migrate/results.js';
import { refuseOldPlan } from '../../migrate/state/finished-plan.js';
import { counted } from '../../words.js';
import type { CommandContext } from '../define-command.js';
import { formatChanges, formatUsers } from '../terminal/format.js';
import { askYesNo } from '../terminal/terminal.js';
import { estimateLines } from '../wording/summary.js';

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
function requireAsker(yes: boolean, context: CommandContext): Ask {
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
 * Shows the estimate and asks whether to write. `yes` answers for scripts, except when the plan is too old.
 *
 * @throws ConfigurationError at once when nobody can be asked
 */
export function askBeforeWriting(
  verb: string,
  yes: boolean,
  context: CommandContext,
): (estimate: Estimate, doubt?: string) => Promise<boolean> {
  const ask = requireAsker(yes, context);
  return async (estimate, doubt) => {
    if (yes && doubt !== undefined) refuseOldPlan(doubt);
    for (const line of estimateLines(estimate)) context.screen.note(line);
    const { writes, estimatedMau: users } = estimate;
    const what = writes === users ? formatUsers(users) : `${formatChanges(writes)} of ${formatUsers(users)}`;
    return ask(`${doubt === undefined ? '' : `${doubt} `}${verb} ${what}?`);
  };
}

/** @throws ConfigurationError at once when nobody can be asked */
export function askBeforeImporting(
  yes: boolean,
  context: CommandContext,
): (amount: { readonly users: number; readonly files: number }) => Promise<boolean> {
  const ask = requireAsker(yes, context);
  return async ({ users, files }) => {
    const { note } = context.screen;
    note(`To be imported: ${formatUsers(users)} in ${counted(files, 'file')}.`);
    note(
      'An import makes no user monthly active. Every imported user must choose a new password at the first sign-in.',
    );
    return ask(`Import ${formatUsers(users)}?`);
  };
}

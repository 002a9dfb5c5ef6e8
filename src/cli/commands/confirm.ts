import { ConfigurationError } from '../../errors.js';
import type { Estimate } from '../../migrate/results.js';
import { refuseOldPlan } from '../../migrate/state/finished-plan.js';
import type { CommandContext } from '../define-command.js';
import { formatChanges, formatUsers } from '../terminal/format.js';
import { askYesNo } from '../terminal/terminal.js';
import { estimateLines } from '../wording/summary.js';

/**
 * Asks whether something may be used although it is old; `undefined` where nobody can be asked, or `yes` was said to what is
 * usual.
 */
export function askAboutAge(
  yes: boolean,
  { stdin, stderr, screen, signal, hangUp }: CommandContext,
): ((what: string) => Promise<boolean>) | undefined {
  if (yes || !(stdin.isTTY && stderr.isTTY)) return undefined;
  return (what) => {
    screen.stop();
    const question = `${what.charAt(0).toUpperCase()}${what.slice(1)}. Go on with it?`;
    return askYesNo(question, { input: stdin, output: stderr, signal, hangUp });
  };
}

/**
 * Shows the estimate and asks whether to write. `yes` answers for scripts, but for a plan that is doubted because of its age.
 *
 * @throws ConfigurationError at once when nobody is there to be asked.
 */
export function askBeforeWriting(
  verb: string,
  yes: boolean,
  { stdin, stderr, screen, signal, hangUp }: CommandContext,
): (estimate: Estimate, doubt?: string) => Promise<boolean> {
  if (!yes && !(stdin.isTTY && stderr.isTTY)) {
    throw new ConfigurationError('--yes', 'is required where nobody can be asked: this is not a terminal');
  }
  return async (estimate, doubt) => {
    if (yes && doubt !== undefined) refuseOldPlan(doubt);
    for (const line of estimateLines(estimate)) screen.note(line);
    if (yes) return true;
    screen.stop();
    const { writes, estimatedMau: users } = estimate;
    const what = writes === users ? formatUsers(users) : `${formatChanges(writes)} of ${formatUsers(users)}`;
    return askYesNo(`${doubt === undefined ? '' : `${doubt} `}${verb} ${what}?`, {
      input: stdin,
      output: stderr,
      signal,
      hangUp,
    });
  };
}

import { ConfigurationError } from '../../errors.js';
import type { Estimate } from '../../migrate/results.js';
import type { CommandContext } from '../command.js';
import { formatChanges, formatUsers } from '../terminal/format.js';
import { askYesNo } from '../terminal/terminal.js';
import { estimateLines } from '../wording/summary.js';

/**
 * Shows the estimate and asks whether to write. `yes` answers for scripts.
 *
 * @throws ConfigurationError at once when nobody is there to be asked.
 */
export function askBeforeWriting(
  verb: string,
  yes: boolean,
  { stdin, stderr, screen, signal, hangUp }: CommandContext,
): (estimate: Estimate) => Promise<boolean> {
  if (!yes && !(stdin.isTTY && stderr.isTTY)) {
    throw new ConfigurationError('--yes', 'is required where nobody can be asked: this is not a terminal');
  }
  return async (estimate) => {
    for (const line of estimateLines(estimate)) screen.note(line);
    if (yes) return true;
    screen.stop();
    const { writes, estimatedMau: users } = estimate;
    const what = writes === users ? formatUsers(users) : `${formatChanges(writes)} of ${formatUsers(users)}`;
    return askYesNo(`${verb} ${what}?`, { input: stdin, output: stderr, signal, hangUp });
  };
}

import { countForAPerson } from '../../../migrate/control/attention.js';
import type { Guard } from '../../../migrate/control/plan-guards.js';
import { formatCount } from '../../../words.js';
import type { CommandContext } from '../../define-command.js';
import { formatChanges, formatDuration, formatPart, formatTable, formatUsers } from '../../terminal/format.js';
import type { SyncResult } from './result.js';

const GUARDS: Readonly<Record<Guard['guard'], { readonly found: string; readonly option: string }>> = {
  writes: { found: 'Writes', option: '--most-writes' },
  forAPerson: { found: 'Users who need a person', option: '--most-for-a-person' },
  removals: { found: 'Published users who would be removed or get another legacy id', option: '--allow-removals' },
};

/** What a run did, for people. */
export function syncLines(result: SyncResult, { colours, again }: CommandContext): string[] {
  const { plan, guards, apply, verify, publish } = result;
  const broken = guards.filter(({ ok }) => !ok);
  const forAPerson = plan === null ? 0 : countForAPerson(plan.outcomes);
  const rows: [string, string][] = [];
  if (plan !== null) {
    rows.push(['planned', `${formatUsers(plan.newUsers)}, ${formatChanges(plan.writes)}`]);
    rows.push(['need a person', formatCount(forAPerson)]);
  }
  if (apply !== null) {
    const counts = [formatCount(apply.written)];
    if (apply.failed > 0) counts.push(`${formatCount(apply.failed)} failed`);
    if (apply.skipped > 0) counts.push(`${formatCount(apply.skipped)} skipped`);
    if (apply.remaining > 0) counts.push(`${formatCount(apply.remaining)} still to write`);
    rows.push(['written', counts.join(', ')]);
  }
  if (verify !== null) rows.push(['right', formatPart(verify.right, verify.checked)]);
  if (publish !== null) {
    const { written, removed, users, to } = publish;
    rows.push([
      'published',
      `${formatUsers(users)} in ${to}: ${formatCount(written)} put, ${formatCount(removed)} removed`,
    ]);
  }
  return [
    titleOf(result, colours),
    ...formatTable(rows),
    ...broken.flatMap(({ guard, found, limit }) => {
      const { found: words, option } = GUARDS[guard];
      return [
        '',
        `${words}: ${formatCount(found)}, at most ${formatCount(limit ?? 0)} allowed. If that is expected: ${option} ${found}`,
      ];
    }),
    ...(forAPerson > 0 || broken.length > 0 || (apply?.failed ?? 0) > 0 || (verify?.wrong ?? 0) > 0
      ? ['', 'See who, why, and what to do:', `  ${again('report --html report.html')}`]
      : []),
  ];
}

function titleOf({ plan, guards, seconds }: SyncResult, { bold, yellow }: CommandContext['colours']): string {
  if (plan?.inForce === false) {
    return bold(yellow('Nothing was written or published: another command is using this state file. Run sync again'));
  }
  if (guards.some(({ ok }) => !ok)) {
    return bold(yellow('Nothing was written or published: this plan is unusual'));
  }
  return bold(`Done in ${formatDuration(seconds)}`);
}

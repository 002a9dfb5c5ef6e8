import { countForAPerson, verifyProblems } from '../../../migrate/control/attention.js';
import type { ReportCounts, WriteTally } from '../../../migrate/control/report-counts.js';
import type { StatusResult } from '../../../migrate/results.js';
import { counted, formatCount } from '../../../words.js';
import { stackedBar } from '../../html/charts.js';
import { card, commandLine, swatch } from '../../html/parts.js';
import { type Html, html } from '../../html/template.js';
import { formatPart, formatShare, formatTime, formatUsers } from '../../terminal/format.js';

/** What the top of the page tells. */
export interface WhatHappened {
  readonly status: StatusResult;
  readonly counts: ReportCounts;
  /** `again('apply')`: that command with the pools and files of this state. */
  readonly again: (command: string) => string;
  /** The `plan` of the same pools, with a mapping file if one is named. */
  readonly planAgain: (mapping?: string) => string;
}

/** The end of each planned write, with the letter it has in the picture. */
const ENDS = [
  ['written', 'W', 'Written'],
  ['rolledBack', 'T', 'Taken back by rollback'],
  ['skipped', 'S', 'Skipped'],
  ['failed', 'F', 'Failed'],
  ['left', 'L', 'Left'],
] as const satisfies readonly (readonly [Exclude<keyof WriteTally, 'planned'>, string, string])[];

type End = (typeof ENDS)[number][0];

/** Names of classes have no capitals. */
const kindOf = (end: End): string => (end === 'rolledBack' ? 'rolled-back' : end);

export const isUndone = ({ phase }: ReportCounts): boolean => phase === 'rolling-back' || phase === 'rolled-back';

/** All writes of the plan. */
export function totalOf({ values, groups, memberships }: ReportCounts): WriteTally {
  const kinds = [values, groups, memberships].filter((tally) => tally !== undefined);
  const sum = (of: keyof WriteTally) => kinds.reduce((total, tally) => total + tally[of], 0);
  return {
    ...{ planned: sum('planned'), written: sum('written'), skipped: sum('skipped') },
    ...{ failed: sum('failed'), rolledBack: sum('rolledBack'), left: sum('left') },
  };
}

/** What was planned, written, verified and is left, and what to do next. */
export function whatHappened(page: WhatHappened): Html {
  const { status, counts } = page;
  const { planned, left, failed } = totalOf(counts);
  const calm = planned === 0 || (counts.phase === 'applied' && left + failed === 0);
  return html`<p class="verdict ${calm ? 'good' : 'plain'}">${inWords(page)}</p>
${status.running ? html`<p class="soft">A command is working on this state: the numbers are those of the moment of this report.</p>` : html``}
${needs(page)}
${cards(page)}
${nextSteps(page)}`;
}

/** What a person has to look at. */
function needs({ status, counts }: WhatHappened): Html {
  const { needPerson } = counts;
  const problems = newProblems(status);
  const users = html`<p class="verdict warn"><a href="#for-a-person">${formatUsers(needPerson)} need${needPerson === 1 ? 's' : ''} a person.</a></p>`;
  const values = html`<p class="verdict warn"><a href="#verification">The last verification${isOutdated(status) ? ', before the last write,' : ''} found ${counted(problems, 'problem')}.</a></p>`;
  if (needPerson + problems === 0) return html`<p class="verdict good">No user needs a person.</p>`;
  return html`${needPerson > 0 ? users : html``}${problems > 0 ? values : html``}`;
}

/** What the last verification found besides the users of whom the plan says it. */
const newProblems = ({ verified }: StatusResult): number =>
  verified === undefined ? 0 : Math.max(0, verifyProblems(verified.result) - (verified.result.foreseen ?? 0));

/** What was planned and done, in a sentence. */
export function inWords({ status, counts }: Pick<WhatHappened, 'status' | 'counts'>): string {
  const { planned, written, left, failed, skipped, rolledBack } = totalOf(counts);
  const newer = isReplanned(status) ? ' A newer plan is not finished yet.' : '';
  const undone =
    rolledBack > 0
      ? ` ${counted(rolledBack, 'write')} of it ${rolledBack === 1 ? 'was' : 'were'} taken back by rollback.`
      : '';
  switch (counts.phase) {
    case 'rolled-back':
      return `Rolled back: what this state wrote was removed or restored, except where somebody else changed it since.${newer}`;
    case 'rolling-back':
      return `The rollback is not finished: ${formatPart(rolledBack, rolledBack + written)} writes of this plan are taken back.${newer}`;
    case 'applying':
      return `Partly applied: ${formatPart(written, planned)} writes are done, ${formatCount(left)} are left.${undone}${newer}`;
    case 'applied': {
      const rest = [
        [failed, 'failed'],
        [skipped, 'skipped'],
        [left, 'left'],
      ] as const;
      const others = rest.filter(([count]) => count > 0).map(([count, what]) => `${formatCount(count)} ${what}`);
      const done =
        others.length === 0 && undone === ''
          ? `${planned === 1 ? 'the planned write is' : `all ${formatCount(planned)} planned writes are`} done`
          : `${formatPart(written, planned)} planned writes are done`;
      return `Applied: ${[done, ...others].join(', ')}.${undone}${newer}`;
    }
    default:
      return planned === 0
        ? `Planned: there is nothing to write.${newer}`
        : `Planned: ${counted(planned, 'write')}, none done yet.${newer}`;
  }
}

/** Whether another plan was begun and is not finished. */
const isReplanned = ({ phase }: StatusResult): boolean => phase === 'listing' || phase === 'matching';

function cards({ status, counts }: WhatHappened): Html {
  const { verified } = status;
  const { planned, written, left, failed, skipped, rolledBack } = totalOf(counts);
  const undone = isUndone(counts);
  const done = planned === 0 ? 'nothing to write' : `${formatShare(written / planned)} of what was planned`;
  const notDone = [
    failed > 0 ? `${formatCount(failed)} failed` : '',
    skipped > 0 ? `${formatCount(skipped)} skipped` : '',
  ];
  const forApply = undone ? 'never written' : 'for the next apply';
  const beside = [left > 0 ? forApply : '', ...notDone].filter((part) => part !== '').join(', ');
  return html`<dl class="cards">
${card('Planned', formatCount(planned), counts.groups !== undefined ? 'values, groups and memberships' : planned === 1 ? 'value to write' : 'values to write')}
${card(undone ? 'Still written' : 'Written', formatCount(written), undone ? 'not taken back' : done)}
${rolledBack > 0 || undone ? card('Taken back', formatCount(rolledBack), 'by rollback') : html``}
${card('Left', formatCount(left), beside === '' ? 'nothing to do' : beside)}
${
  verified === undefined
    ? card('Verified', 'not yet', undone ? 'rolled back' : planned === 0 ? 'run verify' : 'run verify after apply')
    : card(
        'Verified',
        formatPart(verified.result.right, verified.result.checked),
        html`<a href="#verification">right</a>${isOutdated(status) ? ', before the last write' : `, ${formatTime(verified.at)}`}`,
      )
}
</dl>`;
}

/** Whether something was written, or taken back, after the last verification. */
export const isOutdated = ({ verified, writes: { lastAt } }: StatusResult): boolean =>
  verified !== undefined && lastAt !== undefined && verified.at < lastAt;

export function nextSteps(page: WhatHappened): Html {
  const steps = stepsOf(page);
  if (steps.length === 0) return html``;
  const items = steps.map(([what, ...commands]) => html`<li>${what}${commands.map(commandLine)}</li>`);
  return html`<div class="panel" id="next"><h2>Next</h2><ol class="todo">${items}</ol></div>`;
}

/** Where the users who need a person are written for a decision. */
const DECIDED = 'decided.csv';

type Step = readonly [what: string | Html, ...commands: readonly string[]];

function stepsOf({ status, counts, again, planAgain }: WhatHappened): readonly Step[] {
  const { verified, running, plan } = status;
  const { left, failed } = totalOf(counts);
  if (running) return [];
  if (counts.phase === 'rolling-back')
    return [['Finish the rollback: it continues where it stopped.', again('rollback')]];
  if (isReplanned(status)) return [['Finish the newer plan: it continues where it stopped.', planAgain()]];
  if (counts.phase === 'rolled-back') {
    return [['To write again, plan again first: apply refuses a plan that was rolled back.', planAgain()]];
  }
  const steps: Step[] = [];
  if (plan !== undefined && countForAPerson(plan.outcomes) > 0) {
    steps.push([
      'Decide about the users who need a person. The first command writes them and their candidates into a file. Fill it in, then plan with it, and with the other options of your last plan.',
      again(`report --decide ${DECIDED}`),
      planAgain(DECIDED),
    ]);
  }
  if (left + failed > 0)
    steps.push([left > 0 ? 'Write what is left.' : 'Try the failed writes again.', again('apply')]);
  const isVerified = verified !== undefined && !isOutdated(status);
  if (left === 0 && !isVerified) steps.push(['Compare the pool with the plan.', again('verify')]);
  if (isVerified && verifyProblems(verified.result) > 0) {
    steps.push([html`<a href="#verification">Look at what the last verification found.</a>`]);
  }
  return steps;
}

/** What became of each planned write. The numbers of a column add up to its total. */
export function writesSection({ counts }: WhatHappened): Html {
  const { values, groups, memberships, failedGroups } = counts;
  const total = totalOf(counts);
  if (total.planned === 0) return html``;
  const columns =
    groups === undefined || memberships === undefined
      ? ([['Writes', total]] as const)
      : ([
          ['Values', values],
          ['Groups', groups],
          ['Memberships', memberships],
          ['Together', total],
        ] as const);
  const shown = ENDS.filter(([end]) => total[end] > 0 || end === 'written' || end === 'left');
  const cells = (of: keyof WriteTally) =>
    columns.map(([label, tally]) => html`<td class="number" data-label="${label}">${formatCount(tally[of])}</td>`);
  const rows = shown.map(
    ([end, mark, label]) =>
      html`<tr><th scope="row">${swatch(kindOf(end), mark)}${endLabel(end, label, counts)}</th>${cells(end)}</tr>\n`,
  );
  return html`<section>
<h2>Writes</h2>
<div class="panel">${stackedBar(ENDS.map(([end, mark, label]) => ({ kind: kindOf(end), label, users: total[end], mark })))}
<table class="sums${columns.length > 1 ? ' many' : ''}">
<thead><tr><th scope="col">What became of them</th>${columns.map(([label]) => html`<th scope="col" class="number">${label}</th>`)}</tr></thead>
<tbody>${rows}</tbody>
<tfoot><tr><th scope="row">Total planned</th>${cells('planned')}</tr></tfoot>
</table>
${
  failedGroups.length === 0
    ? html``
    : html`<h3>Groups that Cognito refused to create</h3><ul class="plain">${failedGroups.map(({ name, error }) => html`<li><code>${name}</code>: ${error}</li>`)}</ul>`
}</div>
</section>`;
}

function endLabel(end: End, label: string, counts: ReportCounts): Html {
  if (end === 'left') return html`${isUndone(counts) ? 'Never written' : label}`;
  if (end === 'written') return html`${isUndone(counts) ? 'Written, and not taken back' : label}`;
  const has = { skipped: counts.skippedUsers, failed: counts.failedUsers, rolledBack: 0 }[end];
  return has > 0 ? html`<a href="#${end}">${label}</a>` : html`${label}`;
}

import type { Estimate, PlanResult } from '../migrate/types.js';
import { OUTCOMES } from '../migrate/types.js';
import { formatCount, formatDollars, formatDuration, formatTable } from './format.js';
import { OUTCOME_TEXTS } from './outcomes.js';
import type { Colours } from './terminal.js';

/** The outcomes that occur, with their counts, in colours that say what they ask of people. */
export function outcomeLines(plan: Pick<PlanResult, 'outcomes' | 'notMigrated'>, colours: Colours): string[] {
  const paint = { write: colours.cyan, right: colours.green, person: colours.yellow, new: colours.dim };
  const rows = OUTCOMES.filter((outcome) => plan.outcomes[outcome] > 0).map((outcome): [string, string] => {
    const { kind, meaning } = OUTCOME_TEXTS[outcome];
    return [formatCount(plan.outcomes[outcome]), `${paint[kind](outcome.padEnd(14))} ${meaning}`];
  });
  if (plan.notMigrated > 0) {
    rows.push([
      formatCount(plan.notMigrated),
      `${colours.dim('not-migrated'.padEnd(14))} legacy users whom no new user claims`,
    ]);
  }
  return formatTable(rows, 'right');
}

/** What the writes take, so that nobody is surprised by the bill. */
export function estimateLines(estimate: Estimate): string[] {
  return formatTable([
    ['writes', formatCount(estimate.writes)],
    ['time', `about ${formatDuration(estimate.estimatedSeconds)}`],
    [
      'cost',
      `${formatCount(estimate.estimatedMau)} monthly active users, about ${formatDollars(estimate.estimatedMauUsd)}`,
    ],
  ]);
}

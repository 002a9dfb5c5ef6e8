import { OUTCOMES } from '../../migrate/outcomes.js';
import type { Estimate, GroupCounts, PlanResult, StampedCounts } from '../../migrate/results.js';
import { listPriceOf } from '../../users/mau-prices.js';
import { formatCount } from '../../words.js';
import { formatDollars, formatDuration, formatTable, formatUsers, visible } from '../terminal/format.js';
import type { Colours } from '../terminal/terminal.js';
import { NOT_MIGRATED, OUTCOME_TEXTS } from './outcome-texts.js';

/** The outcomes that occur, with their counts, in colours that say what they require of people. */
export function outcomeLines(plan: Pick<PlanResult, 'outcomes' | 'notMigrated'>, colours: Colours): string[] {
  const paint = { write: colours.cyan, right: colours.green, person: colours.yellow, new: colours.dim };
  const rows = OUTCOMES.filter((outcome) => plan.outcomes[outcome] > 0).map((outcome): [string, string] => {
    const { kind, meaning } = OUTCOME_TEXTS[outcome];
    return [formatCount(plan.outcomes[outcome]), `${paint[kind](outcome.padEnd(14))} ${meaning}`];
  });
  if (plan.notMigrated > 0) {
    rows.push([formatCount(plan.notMigrated), `${colours.dim('not-migrated'.padEnd(14))} ${NOT_MIGRATED}`]);
  }
  return formatTable(rows, 'right');
}

/** What happens to groups, and what of it needs a person. */
export function groupLines(groups: GroupCounts, colours: Colours): string[] {
  const rows: [number, string][] = [
    [groups.toCreate, 'groups to create'],
    [groups.memberships, 'memberships to add'],
    [groups.existing, 'memberships that already exist'],
    [groups.unmapped, colours.dim('memberships of legacy users for whom no new user is certain')],
    [groups.overLimit, colours.yellow('users who would be in more groups than Cognito allows: none is added')],
  ];
  const shown = rows
    .filter(([count]) => count > 0)
    .map(([count, words]): [string, string] => [formatCount(count), words]);
  return shown.length === 0 ? ['  no groups'] : formatTable(shown, 'right');
}

/** Which of the unexplained users may have been stamped, which option would settle that, and what to check first. */
export function stampedLines({ trustable, providers }: StampedCounts): string[] {
  const byProvider = Object.entries(providers).map(
    ([name, users]) =>
      `  ${formatUsers(users)}: the value is the user id at identity provider ${visible(name)}. If that is the legacy pool: --legacy-provider ${visible(name)}`,
  );
  const byTrust = [
    `  ${formatUsers(trustable)} would be "ok" with --trust-attribute. Check first, in CloudTrail and the settings of every app client and`,
    '  identity provider, that none could ever write the attribute: a forged value looks the same.',
  ];
  return ['Of the unexplained users:', ...byProvider, ...(trustable > 0 ? byTrust : [])];
}

/** What the writes take, so that the bill does not surprise. */
export function estimateLines(estimate: Estimate): string[] {
  return formatTable([
    ['writes', formatCount(estimate.writes)],
    ['time', `about ${formatDuration(estimate.estimatedSeconds)}`],
    [
      'cost',
      `${formatCount(estimate.estimatedMau)} monthly active users, about ${formatDollars(estimate.estimatedMauUsd)}`,
    ],
    ['price', priceWords(estimate)],
  ]);
}

function priceWords({ mauPrice, priceSource }: Estimate): string {
  if (mauPrice === undefined)
    return `$${listPriceOf(undefined)} each, as on the Essentials plan: the pool does not say on which it is`;
  return `$${mauPrice} each, ${priceSource === 'given' ? 'as given with --mau-price' : "the list price of the pool's feature plan"}`;
}

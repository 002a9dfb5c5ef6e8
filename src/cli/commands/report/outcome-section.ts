import { OUTCOMES, type Outcome } from '../../../migrate/outcomes.js';
import type { StatusResult } from '../../../migrate/results.js';
import { stackedBar } from '../../html/charts.js';
import { swatch } from '../../html/parts.js';
import { sumRow, sumTable, totalRow } from '../../html/sums.js';
import { type Html, html } from '../../html/template.js';
import { NOT_MIGRATED, OUTCOME_TEXTS } from '../../wording/outcome-texts.js';
import { markOf } from './case-panels.js';

/** What the plan decided, as a picture and as a table. */
export function outcomeSection(
  { outcomes, newUsers, legacyUsers, notMigrated }: NonNullable<StatusResult['plan']>,
  {
    isUndone,
    linkTo,
  }: {
    readonly isUndone: boolean;
    /** Where the users with this outcome are shown, if they are. */
    readonly linkTo: (outcome: Outcome) => string | undefined;
  },
): Html {
  const rows = OUTCOMES.map((outcome) => {
    const link = linkTo(outcome);
    const name = link === undefined ? html`${outcome}` : html`<a href="${link}">${outcome}</a>`;
    const { meaning } = OUTCOME_TEXTS[outcome];
    return sumRow(html`${swatch(outcome, markOf(outcome))}${name}`, meaning, outcomes[outcome], newUsers, outcome);
  });
  const slices = OUTCOMES.map((name) => ({ kind: name, label: name, users: outcomes[name], mark: markOf(name) ?? '' }));
  const matched = legacyUsers - notMigrated;
  const legacy = [
    sumRow(html`matched`, 'legacy users whom a new user matches', matched, legacyUsers, 'ok'),
    sumRow(html`not-migrated`, NOT_MIGRATED, notMigrated, legacyUsers, 'not-migrated'),
  ];
  return html`<section>
<h2>Outcomes</h2>
<div class="panel">
${isUndone ? html`<p class="next">This is what the plan decided, before the rollback. Plan again to see the pool as it is now.</p>` : html``}
${stackedBar(slices)}
${sumTable('Outcome', rows, totalRow('All users of the new pool', newUsers))}
${sumTable('Legacy user', legacy, totalRow('All users of the legacy pool', legacyUsers))}
</div>
</section>`;
}

import type { BrowsedUser, UserPage } from '../../../../migrate/browse/user-pages.js';
import type { ReportCounts } from '../../../../migrate/control/report-counts.js';
import type { StatusResult } from '../../../../migrate/results.js';
import { formatCount } from '../../../../words.js';
import { type Html, html } from '../../../html/template.js';
import { formatUsers } from '../../../terminal/format.js';
import {
  FAILED_TEXT,
  OUTCOME_TEXTS,
  OVER_LIMIT_TEXT,
  type PersonText,
  SKIPPED_TEXT,
} from '../../../wording/outcome-texts.js';
import { CASE_COLUMNS } from '../../report/case-panels.js';
import { detailOf } from '../../report/cases.js';
import { type Choice, choiceOf, countChoices } from '../people.js';
import { linkTo, saidOf, type ViewQuery } from '../view-query.js';

/** What is known of the users: how many of each kind, and one page of them, or why it cannot be read. */
export interface PeopleView {
  readonly plan: NonNullable<StatusResult['plan']>;
  readonly counts: ReportCounts;
  readonly page: UserPage | { readonly unreadable: string };
}

const OTHER_NAMES = {
  '': 'every outcome that needs a person',
  failed: 'failed writes',
  skipped: 'skipped writes',
  'too-many-groups': 'too many groups',
  everybody: 'everybody in the plan',
} as const;

const nameOf = (choice: Choice): string =>
  choice in OTHER_NAMES ? OTHER_NAMES[choice as keyof typeof OTHER_NAMES] : choice;

/** Why users of one kind are listed, and what to do; `undefined` where nothing has to be done. */
function textOf(choice: Choice): PersonText | undefined {
  switch (choice) {
    case '':
    case 'everybody':
      return undefined;
    case 'failed':
      return FAILED_TEXT;
    case 'skipped':
      return SKIPPED_TEXT;
    case 'too-many-groups':
      return OVER_LIMIT_TEXT;
    default: {
      const text = OUTCOME_TEXTS[choice];
      return 'reason' in text ? text : undefined;
    }
  }
}

/** The users who need a person, and a search among all. */
export function peopleSection({ plan, counts, page }: PeopleView, query: ViewQuery): Html {
  const choice = choiceOf(query);
  const choices = countChoices(plan, counts);
  const text = textOf(choice);
  const { needPerson } = counts;
  const title =
    needPerson === 0
      ? 'No user needs a person'
      : `${formatUsers(needPerson)} need${needPerson === 1 ? 's' : ''} a person`;
  return html`<section id="for-a-person" aria-labelledby="for-a-person-title">
<div class="head"><h2 id="for-a-person-title">Users</h2><p class="read">${title}</p></div>
<div class="panel">
${filterForm(choice, choices, query)}
${text === undefined ? html`` : html`<p class="reason">${text.reason}</p><p class="next"><strong>Next step:</strong> ${text.nextStep}</p>`}
${'unreadable' in page ? html`<p class="notice">${page.unreadable}</p>` : usersOf(page, query)}
</div>
</section>
`;
}

/** A form, so that it works by keyboard and without scripts. The other choices of the address are kept. */
function filterForm(choice: Choice, choices: ReadonlyMap<Choice, number>, query: ViewQuery): Html {
  const kept = saidOf({ range: query.range, clients: query.clients }).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
  );
  const options = [...choices].map(
    ([one, users]) =>
      html`<option value="${one}"${one === choice ? html` selected` : html``}>${nameOf(one)} (${formatCount(users)})</option>`,
  );
  return html`<form class="filter" action="./#for-a-person" method="get" role="search" aria-label="Users">
${kept}
<label>Show<select name="show">${options}</select></label>
<label>Username begins with<input name="name" value="${query.name}" maxlength="128" autocomplete="off" autocapitalize="off" spellcheck="false"></label>
<button>Show</button>
</form>`;
}

/** The columns of the report, and what it has only for `--decide`. */
const COLUMNS: readonly (readonly [label: string, kind: string, of: (user: BrowsedUser) => string])[] = [
  ...CASE_COLUMNS.slice(0, 1),
  ['Outcome', 'outcome-name', ({ outcome }) => outcome],
  ...CASE_COLUMNS.slice(1, -1),
  ['Candidates', 'mono', ({ candidates }) => candidates.join(' ')],
  ['Detail', 'detail', detailOf],
];

function usersOf({ users, next, total }: UserPage, query: ViewQuery): Html {
  if (users.length === 0) {
    const none = query.after === '' ? 'There is no such user.' : 'There are no more.';
    return html`<p class="soft" role="status">${none}</p>${pager(query, undefined)}`;
  }
  const of = total === undefined ? '' : ` of ${formatCount(total)}`;
  const shown = `${formatUsers(users.length)}${of}${query.after === '' ? '' : ', continued'}`;
  // What no user has needs no column.
  const columns = COLUMNS.filter(([, kind, of]) => kind === 'name' || users.some((user) => of(user) !== ''));
  const lines = users.map(
    (user) => html`<tr>${columns.map(([label, kind, of]) => cell(label, kind, of(user)))}</tr>\n`,
  );
  return html`<div class="head"><p class="soft" role="status">${shown}</p><a class="csv" href="${linkTo(query, { after: '' }, 'users.csv')}" download>Download all as CSV</a></div>
<table class="rows people">
<thead><tr>${columns.map(([label, kind]) => html`<th scope="col" class="${kind}">${label}</th>`)}</tr></thead>
<tbody>${lines}</tbody>
</table>
${pager(query, next)}`;
}

const cell = (label: string, kind: string, text: string): Html =>
  html`<td data-label="${label}" class="${text === '' ? 'empty' : kind}">${text}</td>`;

function pager(query: ViewQuery, after: string | undefined): Html {
  if (query.after === '' && after === undefined) return html``;
  return html`<nav class="pager" aria-label="Pages of users">
${query.after === '' ? html`` : html`<a href="${linkTo(query, { after: '' })}#for-a-person">First page</a>`}
${after === undefined ? html`` : html`<a href="${linkTo(query, { after })}#for-a-person" rel="next">Next page</a>`}
</nav>`;
}

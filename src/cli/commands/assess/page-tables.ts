import type { Assessment } from '../../../assess/assess.js';
import type { ClientRow } from '../../../assess/tables/client-table.js';
import { formatCount } from '../../../words.js';
import { type Html, html } from '../../html/template.js';
import { formatDollars } from '../../terminal/format.js';
import { NO_COST, prices, timeOf, WAY_NAMES } from './in-words.js';

/** What each way of giving users their legacy id costs. */
export function costSection(cost: NonNullable<Assessment['cost']>): Html {
  const { rps, ways } = cost;
  if (ways.length === 0) {
    return html`<section id="cost"><h2>What it costs</h2><div class="panel"><p>${NO_COST}</p></div></section>`;
  }
  // The note has a row of its own: beside the numbers it has no room on a small screen or on paper.
  const bodies = ways.map(
    (way) => html`<tbody><tr><th scope="row">${WAY_NAMES[way.way]}</th>
<td data-label="Users" class="number">${formatCount(way.users)}</td>
<td data-label="Writes" class="number">${formatCount(way.writes)}</td>
<td data-label="Time" class="number">${timeOf(way) || '–'}</td>
<td data-label="Active users" class="number">${formatCount(way.monthlyActiveUsers)}</td>
<td data-label="Cost" class="number">${formatDollars(way.dollars)}</td></tr>
<tr class="note-row"><td colspan="6" data-label="">${way.note}</td></tr></tbody>
`,
  );
  return html`<section id="cost"><h2>What it costs</h2><div class="panel">
<table class="grid-table costs"><thead><tr><th scope="col">Way</th><th scope="col" class="number">Users</th><th scope="col" class="number">Writes</th><th scope="col" class="number">Time</th><th scope="col" class="number">Monthly active</th><th scope="col" class="number">Cost</th></tr></thead>${bodies}</table>
<p class="note">${prices(cost)}; ${rps} writes a second; without free tier and discounts.</p>
</div></section>`;
}

/** Every setting side by side; those that differ stand out. */
export function settingsSection({ settings, pools }: Assessment): Html {
  const heads = pools.map(({ side }) => side);
  const rows = settings.map(
    ({
      setting,
      values,
      differs,
      fixed,
    }) => html`<tr class="${differs ? 'differs' : 'same'}"><th scope="row">${setting}${
      fixed ? html` <span class="tag">fixed at creation</span>` : html``
    }</th>${values.map((value, at) => html`<td data-label="${heads[at] ?? ''}">${value ?? 'not readable'}</td>`)}</tr>
`,
  );
  return html`<section id="settings"><h2>Settings</h2><div class="panel">
<table class="grid-table settings"><thead><tr><th scope="col">Setting</th>${pools.map(({ side, userPoolId }) => html`<th scope="col">${side} <code>${userPoolId}</code></th>`)}</tr></thead><tbody>${rows}</tbody></table>
</div></section>`;
}

/** App clients one by one. */
export function clientSection({ clients, attribute }: Assessment): Html {
  if (clients.length === 0) return html`<section id="clients"></section>`;
  return html`<section id="clients"><h2>App clients</h2>${clients.map(
    ({ legacyPool, rows }) => html`<div class="panel">
${clients.length > 1 ? html`<h3>Legacy pool <code>${legacyPool}</code></h3>` : html``}
<table class="grid-table clients"><thead><tr><th scope="col">Application</th><th scope="col">Legacy id</th><th scope="col">New id</th><th scope="col">Flows in the new pool</th><th scope="col">${attribute} in the new pool</th></tr></thead><tbody>${rows.map(clientRow)}</tbody></table></div>`,
  )}</section>`;
}

function clientRow({ name, kind, legacyId, newId, authFlows, oauthFlows, secret, ...access }: ClientRow): Html {
  const flows = [...oauthFlows.new, ...authFlows.new].map((flow) => flow.replace(/^ALLOW_/, ''));
  return html`<tr><th scope="row">${name}${kind === 'machine' ? html` <span class="tag">machine</span>` : html``}${
    secret.new === true || secret.legacy === true ? html` <span class="tag">secret</span>` : html``
  }</th>
<td data-label="Legacy id"><code>${legacyId ?? 'none'}</code></td>
<td data-label="New id"><code>${newId ?? 'none'}</code></td>
<td data-label="Flows">${flows.join(', ') || 'none'}</td>
<td data-label="Attribute">${accessTags(access, kind)}</td></tr>
`;
}

function accessTags(
  { readsAttribute, writesAttribute }: Pick<ClientRow, 'readsAttribute' | 'writesAttribute'>,
  kind: ClientRow['kind'],
): Html {
  if (readsAttribute === null) return html`no app client`;
  const reading = { yes: 'reads', no: 'cannot read', 'not certain': 'may read' }[readsAttribute];
  const mood = kind === 'machine' || readsAttribute === 'yes' ? '' : readsAttribute === 'no' ? 'bad' : 'unsure';
  // One cell of the grid that a row becomes on a phone.
  return html`<span><span class="tag ${mood}">${reading}</span><span class="tag ${writesAttribute === 'yes' ? 'bad' : ''}">${
    writesAttribute === 'yes' ? 'may write' : 'cannot write'
  }</span></span>`;
}

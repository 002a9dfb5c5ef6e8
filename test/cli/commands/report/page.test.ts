import { describe, expect, it } from 'vitest';
import { htmlReport, type ReportPage } from '../../../../src/cli/commands/report/page.js';
import { OUTCOME_TEXTS, WRONG_TEXT } from '../../../../src/cli/wording/outcome-texts.js';
import { OUTCOMES_FOR_A_PERSON } from '../../../../src/migrate/control/attention.js';
import type { ReportCounts } from '../../../../src/migrate/control/report-counts.js';
import type { ReportRow, StatusResult } from '../../../../src/migrate/results.js';
import { describeInBrowser } from '../../../support/browser-page.js';
import { REPORT_STATES } from '../../report-states.js';

const plan = {
  legacyUsers: 1_012_345,
  newUsers: 1_000_000,
  outcomes: {
    set: 812_304,
    ok: 143_220,
    conflict: 41,
    unexplained: 3,
    ambiguous: 212,
    contradiction: 87,
    duplicate: 1_204,
    unverified: 30_411,
    'new-born': 12_518,
  },
  notMigrated: 24_863,
  writes: 812_304,
};
const status: StatusResult = {
  legacyPools: ['eu-west-1_Old'],
  newPool: 'eu-west-1_New',
  attribute: 'custom:legacy_sub',
  phase: 'applied',
  running: false,
  workers: [],
  waiting: undefined,
  pace: { rps: null, paused: false },
  listing: [],
  plannedAt: new Date('2026-03-01T08:15:00Z'),
  plan,
  writes: {
    total: 812_304,
    written: 812_304,
    failed: 0,
    skipped: 0,
    remaining: 0,
    inFlight: 0,
    rolledBack: 0,
    firstAt: undefined,
    lastAt: undefined,
    perSecond: undefined,
    secondsLeft: undefined,
  },
  verified: undefined,
  warnings: ['shards & pool disagree'],
};
const row = (newUsername: string): ReportRow => ({
  newUsername,
  newSub: '0b6c5a10-7f2a-4c1d-9e3b-0123456789ab',
  legacySub: '11111111-7f2a-4c1d-9e3b-0123456789ab',
  outcome: 'duplicate',
  rule: 'username+email',
  detail: 'also matched by 0b6c5a10-7f2a-4c1d-9e3b-0123456789ac',
  write: undefined,
});
const hostile = `<img src=x onerror=alert(1)>"'&</td></table><script>document.title='owned'</script>`;
const tally = { planned: 812_304, written: 812_304, skipped: 0, failed: 0, rolledBack: 0, left: 0 };
const counts: ReportCounts = {
  ...{ phase: 'applied', values: tally, failedUsers: 0, skippedUsers: 0, failedGroups: [], needPerson: 31_958 },
};
const page: ReportPage = {
  status,
  counts,
  plan,
  groups: OUTCOMES_FOR_A_PERSON.map((name) => ({
    name,
    text: OUTCOME_TEXTS[name],
    total: plan.outcomes[name],
    rows: [row(hostile), row('an-unusually-long-username-'.repeat(4)), row('ann')],
  })),
  notWritten: [],
  verification: [{ name: 'wrong', text: WRONG_TEXT, total: 1, rows: [row('bob')] }],
  createdAt: new Date('2026-03-02T10:00:00Z'),
  csv: 'report.csv',
  again: (command) => `cognito-cutover ${command} --state "<my> state.db"`,
  planAgain: () => 'cognito-cutover plan',
};

const numberOf = (cell: string): number => Number(cell.replaceAll(',', '').replace('−', '-'));
/** Of each table with a total: its columns of numbers, the total last. */
function sumsOf(html: string): readonly (readonly number[])[] {
  const tables = [...html.matchAll(/<table.*?<\/table>/gs)]
    .map(([table]) => table)
    .filter((table) => table.includes('<tfoot>'));
  return tables.flatMap((table) => {
    const rows = [...table.matchAll(/<tr.*?<\/tr>/gs)].map(([row]) =>
      [...row.matchAll(/<td class="number"[^>]*>([−\d,]+)/g)].map(([, cell = '']) => numberOf(cell)),
    );
    const filled = rows.filter((row) => row.length > 0);
    return (filled[0] ?? []).map((_, column) => filled.map((row) => row[column] ?? Number.NaN));
  });
}

describe('the report', () => {
  it('says where the rows are that it does not show', () => {
    expect(htmlReport(page)).toContain('1,201 users more: every row is in <code>report.csv</code>.');
    const alone = htmlReport({ ...page, csv: undefined });
    expect(alone).toContain(
      'report --outcome duplicate --csv duplicate.csv --state &quot;&lt;my&gt; state.db&quot;</code>',
    );
    expect(htmlReport(page)).not.toContain('0 users more');
  });

  it('links each outcome that needs a person to its section, and nothing to nowhere', () => {
    const html = htmlReport(page);
    for (const name of OUTCOMES_FOR_A_PERSON) expect(html).toContain(`<a href="#${name}">${name}</a>`);
    expect(html).not.toContain('<a href="#set">');
    for (const [, id = ''] of html.matchAll(/href="#([^"]*)"/g)) {
      // Without a verification there is no section about it.
      if (id !== 'verification' && id !== 'wrong') expect(html).toContain(`id="${id}"`);
    }
  });

  it('counts users who are listed more than once as one', () => {
    const html = htmlReport({ ...page, counts: { ...counts, needPerson: 31_950 } });
    expect(html).toContain('listed more than once</th><td class="number">−8</td>');
    expect(htmlReport(page)).not.toContain('listed more than once');
  });

  it('says after a rollback that the outcomes are from before it', () => {
    const words = 'This is what the plan decided, before the rollback.';
    expect(htmlReport({ ...page, counts: { ...counts, phase: 'rolled-back' } })).toContain(words);
    expect(htmlReport(page)).not.toContain(words);
  });

  it.each(Object.entries(REPORT_STATES))('adds up: %s', async (_, make) => {
    const sums = sumsOf((await make()).html);
    expect(sums.length).toBeGreaterThan(1);
    for (const column of sums) expect(column.slice(0, -1).reduce((sum, count) => sum + count, 0)).toBe(column.at(-1));
  });

  it('shows why a value is wrong, and whom the plan did not know', async () => {
    const { html } = await REPORT_STATES['verified with wrong and missing values']();
    expect(html).toMatch(/>user0000003<.*another sub has this username/);
    expect(html).toMatch(/>a-newcomer<.*appeared after the plan with a value that nothing in the plan confirms/);
  });

  it('says so when nobody needs a person', () => {
    const calm = htmlReport({ ...page, counts: { ...counts, needPerson: 0 }, groups: [], verification: [] });
    expect(calm).toContain('No user needs a person.');
    expect(calm).not.toContain('What needs a person');
    expect(calm).not.toContain('What the last verification found');
    expect(calm).not.toContain('It names users');
  });

  it('draws a pool without users', () => {
    const outcomes = Object.fromEntries(Object.keys(plan.outcomes).map((name) => [name, 0])) as typeof plan.outcomes;
    const empty = htmlReport({ ...page, plan: { ...plan, outcomes, newUsers: 0, legacyUsers: 0 }, groups: [] });
    expect(empty).not.toContain('NaN');
  });
});

describeInBrowser(
  () => htmlReport(page),
  (shown) => {
    it('loads nothing else, runs nothing, and shows hostile names as text', async () => {
      expect(shown.requests).toEqual([shown.address]);
      expect(shown.troubles).toEqual([]);
      expect(await shown.tab.title()).toBe('Cutover report eu-west-1_New');
      expect(await shown.tab.locator('#duplicate tbody td').first().textContent()).toBe(hostile);
      expect(await shown.tab.locator('img, script').count()).toBe(0);
    });

    it('draws each outcome as wide as its share, and none so narrow that it is missed', async () => {
      const widths = await shown.tab
        .locator('.whole')
        .last()
        .locator('rect:not(.track)')
        .evaluateAll((parts) => parts.map((part) => part.getBoundingClientRect().width));
      expect(widths).toHaveLength(9);
      expect(Math.min(...widths)).toBeGreaterThan(3);
      const whole = widths.reduce((sum, width) => sum + width, 0);
      expect(widths[0]! / whole).toBeCloseTo(0.8, 1);
    });

    it('turns the rows into labelled lists on a phone', async () => {
      await shown.tab.setViewportSize({ width: 390, height: 900 });
      const label = await shown.tab.evaluate(
        "getComputedStyle(document.querySelector('.rows td'), '::before').content",
      );
      expect(label).toBe('"New username"');
      expect(await shown.tab.locator('.rows thead').first().isVisible()).toBe(false);
    });
  },
);

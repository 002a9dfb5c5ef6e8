import { describe, expect, it } from 'vitest';
import {
  CASE_COLUMNS,
  groupPanel,
  idOf,
  markOf,
  PROBLEM_COLUMNS,
} from '../../../../src/cli/commands/report/case-panels.js';
import type { GroupRow } from '../../../../src/cli/commands/report/cases.js';
import { OUTCOME_TEXTS } from '../../../../src/cli/wording/outcome-texts.js';
import { OUTCOMES } from '../../../../src/migrate/outcomes.js';

const row = (at: number, more: Partial<GroupRow> = {}): GroupRow => ({
  ...{ newUsername: `user${at}`, newSub: 'n', legacySub: 'l', rule: 'username+email', detail: 'd' },
  ...more,
});
const group = (rows: readonly GroupRow[], total = rows.length) => ({
  ...{ name: 'duplicate', text: OUTCOME_TEXTS.duplicate, total, rows },
});
const options = { columns: CASE_COLUMNS, csv: undefined, csvCommand: (name: string) => `report --outcome ${name}` };
const many = (amount: number) => Array.from({ length: amount }, (_, at) => row(at));
const rowsIn = (text: string) => text.match(/<td data-label="New username"/g)?.length ?? 0;

describe('a group', () => {
  it('has ten rows, and the rest folded', () => {
    const { text } = groupPanel(group(many(25)), options);
    const [open = '', folded = ''] = text.split('<details>');
    expect([rowsIn(open), rowsIn(folded)]).toEqual([10, 15]);
    expect(folded).toContain('<summary>15 more users</summary>');
    expect(groupPanel(group(many(11)), options).text).toContain('<summary>1 more user</summary>');
    expect(groupPanel(group(many(10)), options).text).not.toContain('<details>');
  });

  it('says where the rows are that the page does not contain', () => {
    expect(groupPanel(group(many(12), 13), options).text).toMatch(
      /1 user more\. This command.*\n.*<code class="command">report --outcome duplicate<\/code>/,
    );
    const { text } = groupPanel(group(many(12), 1204), { ...options, csv: 'all.csv' });
    expect(text).toContain('1,192 users more: every row is in <code>all.csv</code>.');
    expect(groupPanel(group(many(12)), options).text).not.toContain('every row');
  });

  it('has no column that no row fills, and always says who', () => {
    const nameless = groupPanel(group([row(1, { legacySub: '', rule: '' })]), options).text;
    expect([...nameless.matchAll(/<th [^>]*>([^<]*)</g)].map(([, label]) => label)).toEqual([
      'New username',
      'New sub',
      'Detail',
    ]);
    const problem = groupPanel(group([row(1)]), { ...options, columns: PROBLEM_COLUMNS }).text;
    expect(problem).toContain('>Planned value</th>');
  });
});

it('every outcome has another mark, and nothing else has one', () => {
  expect(new Set(OUTCOMES.map(markOf)).size).toBe(OUTCOMES.length);
  expect(markOf('failed')).toBeUndefined();
});

it('the place of a group has a name without spaces', () => expect(idOf('too many groups')).toBe('too-many-groups'));

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { PAGE_SIZE } from '../src/directory/requests.js';
import { DEFAULT_READ_RPS, DEFAULT_RPS, USER_UPDATE_QUOTA } from '../src/migrate/calls/quotas.js';
import { estimate } from '../src/migrate/estimate.js';

const page = readFileSync(new URL('../docs/scale.md', import.meta.url), 'utf8');
const rowsUnder = (heading: string) => {
  const [, rest = ''] = page.split(`## ${heading}\n`);
  const [, table = ''] = /((?:^\|.*\n)+)/m.exec(rest) ?? [];
  const cells = (line: string) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim());
  return table.trim().split('\n').slice(2).map(cells);
};
const numberOf = (text = '') => Number(text.replaceAll(' ', ''));

function inWords(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  if (seconds < 5400) return `${(seconds / 60).toFixed(0)} min`;
  if (seconds < 48 * 3600) return `${(seconds / 3600).toFixed(1)} h`;
  return `${(seconds / 86_400).toFixed(1)} days`;
}
/** Not adjustable. */
const LIST_QUOTA = 30;
const listing = (users: number, pools: number, rps: number) => (pools * Math.ceil(users / PAGE_SIZE)) / rps;
const writing = (users: number, rps: number) => estimate(users, { rps }).estimatedSeconds;

describe('docs/scale.md', () => {
  const rows = rowsUnder('How long each command takes');

  it('has a row for each size', () => {
    expect(rows.map(([users]) => numberOf(users))).toEqual([10_000, 100_000, 1_000_000, 10_000_000]);
  });

  it.each(rows)('says for %s users what the code estimates', (count, ...cells) => {
    const users = numberOf(count);
    expect(cells).toEqual([
      inWords(listing(users, 2, DEFAULT_READ_RPS)),
      inWords(listing(users, 2, LIST_QUOTA)),
      inWords(writing(users, DEFAULT_RPS)),
      inWords(writing(users, USER_UPDATE_QUOTA)),
      inWords(writing(users, 100)),
      inWords(listing(users, 1, DEFAULT_READ_RPS)),
    ]);
  });

  it.each(rowsUnder('What it costs'))('says for %s users what they cost', (count, essentials = '', lite = '') => {
    const cost = (featurePlan: 'ESSENTIALS' | 'LITE') =>
      estimate(numberOf(count), { featurePlan } as Parameters<typeof estimate>[1]).estimatedMauUsd;
    expect([essentials, lite].map((text) => numberOf(text.slice(1)))).toEqual([cost('ESSENTIALS'), cost('LITE')]);
  });
});

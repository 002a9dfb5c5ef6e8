import { describe, expect, it } from 'vitest';
import { linkTo, readQuery } from '../../../../src/cli/commands/dashboard/view-query.js';

const read = (query: string) => readQuery(new URLSearchParams(query));
const USUAL = { show: '', name: '', after: '', range: '24h', clients: 1 };

describe('the address of a view', () => {
  it('shows what is usual where it says nothing', () => {
    expect(read('')).toEqual(USUAL);
  });

  it.each([
    ['range=1y', {}],
    ['clients=0', {}],
    ['clients=1e9', {}],
    ['clients=2.5', {}],
    ['clients=x', {}],
    ['unknown=1', {}],
    [`name=${'a'.repeat(500)}`, { name: 'a'.repeat(128) }],
    ['range=7d&clients=3&show=failed', { range: '7d', clients: 3, show: 'failed' }],
  ])('%s', (query, view) => {
    expect(read(query)).toEqual({ ...USUAL, ...view });
  });

  it('comes back as it was, whatever the usernames hold', () => {
    const view = { ...read('range=7d'), show: 'ambiguous', name: '&after=x"<\u202e', after: '=1+1 %20#' };
    const link = linkTo(view, { clients: 2 }, 'users.csv');
    expect(link).toMatch(/^users\.csv\?[\w&=%+.*-]+$/);
    expect(read(link.slice('users.csv?'.length))).toEqual({ ...view, clients: 2 });
  });

  it('leaves out what is as usual', () => {
    expect(linkTo(read('range=7d&after=ann'), { range: '24h', after: '' })).toBe('./');
  });
});

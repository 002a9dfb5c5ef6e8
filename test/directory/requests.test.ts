import { expect, it } from 'vitest';
import { from, paginatedFrom, quoted } from '../../src/directory/requests.js';

it('asks for the first page without a token, and for further ones with it', () => {
  expect([from(undefined), from('b')]).toEqual([{}, { NextToken: 'b' }]);
  expect([paginatedFrom(undefined), paginatedFrom('b')]).toEqual([{}, { PaginationToken: 'b' }]);
});

it('keeps a value within its quotes', () => {
  expect(quoted('a" or "b\\')).toBe('"a\\" or \\"b\\\\"');
});

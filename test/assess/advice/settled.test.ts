import { expect, it } from 'vitest';
import { SETTLED } from '../../../src/assess/advice/settled.js';
import { CHECKS } from '../../../src/assess/checks/index.js';

it('names every finding that there can be, each under one step', () => {
  const settled = Object.values(SETTLED).flat();
  expect([...settled].sort()).toEqual(CHECKS.map(({ id }) => id).sort());
});

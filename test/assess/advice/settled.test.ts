import { expect, it } from 'vitest';
import { FIXED_AT_CREATION, SETTLED } from '../../../src/assess/advice/settled.js';
import { CHECKS } from '../../../src/assess/checks/index.js';

it('names every finding that there can be, each under one step', () => {
  const settled = Object.values(SETTLED).flat();
  expect([...settled].sort()).toEqual(CHECKS.map(({ id }) => id).sort());
});

it('of what is fixed at creation, leaves out that the wrong pool was named', () => {
  expect(FIXED_AT_CREATION).toContain('sign-in-options-differ');
  expect(FIXED_AT_CREATION).toContain('custom-attributes-full');
  expect(FIXED_AT_CREATION).not.toContain('same-pool');
  expect(FIXED_AT_CREATION).not.toContain('replica-region');
});

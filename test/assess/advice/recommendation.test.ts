import { expect, it } from 'vitest';
import { recommend } from '../../../src/assess/advice/recommendation.js';
import { situation } from './situations.js';

it('gives shares and steps, and alternatives only where they are possible', () => {
  const { shares, replication, providerDirectly, steps, titles, procedure } = recommend(situation({ newUsers: {} }));
  expect(shares.reduce((sum, { users }) => sum + users, 0)).toBe(1000);
  expect([replication, providerDirectly]).toEqual([undefined, undefined]);
  expect(steps).toEqual(procedure.map(({ step }) => step));
  expect(steps.length).toBeGreaterThan(3);
  expect(titles).toHaveLength(steps.length);
  expect(Object.keys(procedure[0] ?? {})).toEqual(['step', 'settles']);
});

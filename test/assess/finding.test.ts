import { expect, it } from 'vitest';
import { guide, SEVERITIES } from '../../src/assess/finding.js';

it('has the worst severity first', () => {
  expect(SEVERITIES).toEqual(['blocker', 'warning', 'info']);
});

it('points to a page of the developer guide', () => {
  expect(guide('tracking-cost')).toBe('https://docs.aws.amazon.com/cognito/latest/developerguide/tracking-cost.html');
});

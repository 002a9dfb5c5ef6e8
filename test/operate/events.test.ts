import { expect, it } from 'vitest';
import { CHANNELS, SUB } from '../../src/operate/events.js';

it('the names that subscribers use are those of the documentation', () => {
  expect(CHANNELS).toEqual({
    decision: 'cognito-cutover:decision',
    keys: 'cognito-cutover:keys',
    resolver: 'cognito-cutover:resolver',
  });
  expect(SUB).toBe(Symbol.for('cognito-cutover.sub'));
});

import { expect, it } from 'vitest';
import { insideOf, LEGACY_WINDOW } from '../../../src/operate/phases/legacy-window.js';

it('is found in what createPhases made, also by the other build of this package', () => {
  const inside = {};
  expect(insideOf({ [Symbol.for('cognito-cutover.legacy-window')]: inside })).toBe(inside);
  expect(LEGACY_WINDOW).toBe(Symbol.for('cognito-cutover.legacy-window'));
});

it.each([undefined, null, 'phases', {}, { acceptUntil: new Date() }, () => {}])('is not in %s', (other) => {
  expect(insideOf(other)).toBeUndefined();
});

import { expect, it } from 'vitest';
import { featurePlanOf, listPriceOf } from '../../src/users/mau-prices.js';

it.each([
  ['LITE', 0.0055],
  ['ESSENTIALS', 0.015],
  ['PLUS', 0.02],
  // Of a later version of Cognito, or of an emulator.
  ['ULTIMATE', 0.015],
  ['toString', 0.015],
  [undefined, 0.015],
])('a monthly active user of a pool on plan %s costs %d dollars', (plan, price) => {
  expect(listPriceOf(featurePlanOf(plan))).toBe(price);
});

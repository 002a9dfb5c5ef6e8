import { expect, it } from 'vitest';
import { checkCalled } from '../../../middleware/core/uncalled.js';

/** In every framework: test/middleware/hosts.test.ts. */
it.each([[[]], [['a', 'b', 'c']], [[{}, ['a']]], [[{}, null]], [[() => {}]]])(
  'leaves other arguments to others: %j',
  (args) => {
    expect(() => checkCalled('name', 'call', args)).not.toThrow();
  },
);

it.each([[[{}, {}, () => {}]], [[{}, () => {}]], [[{}, {}]]])('finds what a framework calls with: %j', (args) => {
  expect(() => checkCalled('name', 'call', args)).toThrow('name: was passed without being called. Call it: call');
});

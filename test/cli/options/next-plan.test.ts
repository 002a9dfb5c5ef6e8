import { expect, it } from 'vitest';
import { nextPlan } from '../../../src/cli/options/next-plan.js';

const made = { legacyPools: ['eu-west-1_A', 'eu-west-1_B'], newPool: 'eu-west-1_New', attribute: 'custom:legacy_sub' };
const named = { legacyPool: [{ userPoolId: 'eu-west-1_A' }], newPool: 'eu-west-1_New', attribute: undefined };

it('names the pools of the state, which a plan requires', () => {
  const none = { legacyPool: undefined, newPool: undefined, attribute: undefined };
  expect(nextPlan(made, none)).toBe(
    'plan --legacy-pool eu-west-1_A --legacy-pool eu-west-1_B --new-pool eu-west-1_New',
  );
});

it('leaves to the rest of the command line what is named there or in the config file', () => {
  expect(nextPlan(made, named)).toBe('plan');
});

it('names an attribute that is not the default, unless it is named already', () => {
  const other = { ...made, attribute: 'custom:old_id' };
  expect(nextPlan(other, named)).toBe('plan --attribute custom:old_id');
  expect(nextPlan(other, { ...named, attribute: 'custom:old_id' })).toBe('plan');
});

it('plans groups again where the plan had groups', () => {
  expect(nextPlan({ ...made, plan: { groups: { memberships: 0 } } }, named)).toBe('plan --groups');
  expect(nextPlan({ ...made, plan: { groups: undefined } }, named)).toBe('plan');
});

it('quotes the path of a mapping file for the shell', () => {
  expect(nextPlan(made, named, 'my decisions.csv')).toBe("plan --mapping 'my decisions.csv'");
});

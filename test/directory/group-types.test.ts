import { expect, it } from 'vitest';
import { isProviderGroup } from '../../src/directory/group-types.js';

it.each([
  ['eu-west-1_Old_Google', true],
  ['eu-west-1_Old_Corp_SAML', true],
  ['eu-west-1_Older', false],
  ['staff', false],
])('tells the groups that Cognito keeps for identity providers by the pool’s id: %s: %s', (name, expected) => {
  expect(isProviderGroup(name, 'eu-west-1_Old')).toBe(expected);
});

import { expect, it } from 'vitest';
import { missingLegacyId, wrongTokenUse } from '../../../src/verify/explain/refused-claims.js';

it.each([
  ['id', /^The token is an ID token\. Only access tokens .*\(tokenUse\)/],
  ['access', /^The token is an access token\. /],
  [undefined, /^The token is neither an access token nor an ID token\. /],
] as const)('of a token that is %s, it says so', (given, says) => {
  expect(wrongTokenUse(given, 'access', 'tokenUse')).toMatch(says);
});

it.each([
  ['id', 'the ID token has no claim', 'ReadAttributes'],
  ['access', 'the access token has no claim', 'docs/access-tokens.md'],
] as const)('of an unmapped user with an %s token, it says where the id is missing', (use, missing, remedy) => {
  const message = missingLegacyId(use, 'legacy_sub', false);
  expect(message).toContain(`${missing} legacy_sub`);
  expect(message).toContain(remedy);
});

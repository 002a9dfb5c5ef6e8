import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { identityPoolSearch } from '../../../src/assess/fix/identity-pool-search.js';
import { folder } from '../../support/folder.js';
import { HAS } from '../../support/tools.js';
import { LEGACY_ID } from '../pools.js';

const fix = identityPoolSearch({ userPoolId: LEGACY_ID, region: 'eu-west-1' });

const named = (name: string, more: object = {}) => ({
  IdentityPoolId: `eu-west-1:${name}`,
  IdentityPoolName: `The ${name} \\ "pool"`,
  AllowUnauthenticatedIdentities: false,
  ...more,
});
const trusting = (pool: string, ClientId = 'web') => ({
  ProviderName: `cognito-idp.eu-west-1.amazonaws.com/${pool}`,
  ClientId,
  ServerSideTokenCheck: false,
});
const POOLS = [
  named('without'),
  named('other', { CognitoIdentityProviders: [trusting('eu-west-1_Legacy0011'), trusting(`x${LEGACY_ID}`)] }),
  named('ours', {
    CognitoIdentityProviders: [trusting('eu-west-1_Other'), trusting(LEGACY_ID), trusting(LEGACY_ID, 'app')],
  }),
  named('oidc', {
    OpenIdConnectProviderARNs: [
      `arn:aws:iam::111122223333:oidc-provider/cognito-idp.eu-west-1.amazonaws.com/${LEGACY_ID}`,
    ],
  }),
];

/** Pages of two, as version 2 of the AWS CLI returns them; with `whole`, all at once, as version 1 does. */
const AWS = `aws() {
  case "$*" in
    'cognito-identity list-identity-pools --region eu-west-1 --cli-input-json {"MaxResults":60} --output json') cat page-1 ;;
    'cognito-identity list-identity-pools --region eu-west-1 --cli-input-json {"MaxResults":60,"NextToken":"2 \\"3"} --output json')
      cat page-2 ;;
    'cognito-identity describe-identity-pool --region eu-west-1 --identity-pool-id '*' --output json')
      cat "$6.json" ;;
    *) echo "unexpected: $*"; exit 9 ;;
  esac
}
`;

const listed = POOLS.map(({ IdentityPoolId, IdentityPoolName }) => ({ IdentityPoolId, IdentityPoolName }));
const PAGES = {
  'page-1': { IdentityPools: listed.slice(0, 2), NextToken: '2 "3' },
  'page-2': { IdentityPools: listed.slice(2) },
};
const AT_ONCE = { 'page-1': { IdentityPools: listed } };

/** What the commands print, with what they say on standard error, where AWS has these answers. */
function run(pages: object, { shell = 'sh', without = '' } = {}): string {
  const cwd = folder();
  const answers = { ...pages, ...Object.fromEntries(POOLS.map((pool) => [`${pool.IdentityPoolId}.json`, pool])) };
  for (const [name, answer] of Object.entries(answers)) {
    if (name !== without) writeFileSync(join(cwd, name), JSON.stringify(answer));
  }
  return execFileSync(shell, ['-c', `${AWS}{ ${fix}\n} 2>&1`], { cwd }).toString();
}

describe.skipIf(!HAS.jq)('the search for identity pools that trust a user pool', () => {
  const expected = [
    { IdentityPoolId: 'eu-west-1:ours', IdentityPoolName: 'The ours \\ "pool"', ClientIds: ['web', 'app'] },
    { IdentityPoolId: 'eu-west-1:oidc', IdentityPoolName: 'The oidc \\ "pool"', ClientIds: [] },
  ];

  it.each([
    ['page by page', 'sh', PAGES],
    ['page by page', 'bash', PAGES],
    ['all at once', 'sh', AT_ONCE],
  ])('prints each identity pool that trusts exactly this pool, read %s in %s', (_how, shell, pages) => {
    const lines = run(pages, { shell }).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual(expected);
  });

  it('says what could not be read, so that no line is never mistaken for no identity pool', () => {
    expect(run(PAGES, { without: 'eu-west-1:ours.json' })).toContain('NOT READ: eu-west-1:ours\n');
    expect(run(PAGES, { without: 'page-1' })).toContain('NOT ALL IDENTITY POOLS WERE READ');
    expect(run(PAGES, { without: 'page-2' })).toContain('NOT ALL IDENTITY POOLS WERE READ');
  });

  it('holds no "!", which an interactive shell would expand', () => {
    expect(fix).not.toContain('!');
  });
});

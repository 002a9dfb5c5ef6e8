import { describe, expect, it } from 'vitest';
import { poolOfIssuer, untrustedIssuer } from '../../../src/verify/explain/untrusted-issuer.js';
import { checkPools } from '../../../src/verify/pool-options.js';

const ID = 'eu-west-1_Ab12Cd34e';

describe('the pool that an issuer names', () => {
  it.each<[string, string, string]>([
    [`https://cognito-idp.eu-west-1.amazonaws.com/${ID}`, 'eu-west-1', ID],
    [`https://issuer-cognito-idp.eu-west-1.amazonaws.com/${ID}`, 'eu-west-1', ID],
    [`https://cognito-idp.eu-west-1.amazonaws.com/${ID}/`, 'eu-west-1', ID],
    ['https://cognito-idp.cn-north-1.amazonaws.com.cn/cn-north-1_a-b', 'cn-north-1', 'cn-north-1_a-b'],
    ['https://cognito-idp.eusc-de-east-1.amazonaws.eu/eusc-de-east-1_a', 'eusc-de-east-1', 'eusc-de-east-1_a'],
  ])('%s', (issuer, region, userPoolId) => {
    expect(poolOfIssuer(issuer)).toEqual({ region, userPoolId });
  });

  it.each([
    `http://cognito-idp.eu-west-1.amazonaws.com/${ID}`,
    `x https://cognito-idp.eu-west-1.amazonaws.com/${ID}`,
    `https://cognito-idp.eu-west-1.amazonaws.com/${ID}/more`,
    `https://cognito-idp.eu-west-1.amazonaws.com/${ID}//`,
    `https://cognito-idp.EU.amazonaws.com/${ID}`,
    `https://cognito-idp..amazonaws.com/${ID}`,
    `https://issuer-issuer-cognito-idp.eu-west-1.amazonaws.com/${ID}`,
    `https://cognito-idp.eu-west-1.amazonaws.com.evil.example/${ID}`,
    `https://cognito-idp.eu-west-1.example.com/${ID}`,
    'https://cognito-idp.eu-west-1.amazonaws.com/',
    'https://cognito-idp.eu-west-1.amazonaws.com/a b',
    '',
  ])('none in %j', (issuer) => {
    expect(poolOfIssuer(issuer)).toBeUndefined();
  });
});

describe('why an issuer is not trusted', () => {
  const pools = checkPools(
    { userPoolId: 'eu-west-1_Legacy000', clientIds: null },
    { userPoolId: 'eu-west-1_New000000', clientIds: null },
  );
  const alone = pools.slice(1);

  it.each<[string, unknown, string]>([
    ['no issuer', undefined, 'names no issuer (iss)'],
    ['something else', 5, 'names no issuer (iss)'],
    ['a pool under another host', 'https://proxy.example.com/eu-west-1_New000000', 'add it to newPool.issuers.'],
    ['the same with a slash', 'https://proxy.example.com/eu-west-1_New000000/', 'add it to newPool.issuers.'],
    ['a pool whose id ends alike', 'https://proxy.example.com/xeu-west-1_New000000', 'not from Amazon Cognito.'],
    ['another pool', `https://cognito-idp.eu-west-1.amazonaws.com/${ID}`, 'but by another user pool'],
    ['another system', 'https://accounts.example.com', 'not from Amazon Cognito.'],
  ])('%s', (_, iss, says) => {
    expect(untrustedIssuer(iss, pools)).toContain(says);
  });

  it('names every pool', () => {
    expect(untrustedIssuer('x', pools)).toMatch(
      /^The token was issued by neither legacyPool \(eu-west-1_Legacy000\) nor newPool \(eu-west-1_New000000\): it is not/,
    );
    expect(untrustedIssuer('x', alone)).toMatch(
      /^The token was not issued by newPool \(eu-west-1_New000000\): it is not/,
    );
  });
});

import { describe, expect, it } from 'vitest';
import { targetRows } from '../../../src/cli/commands/target.js';

const ROLE = 'arn:aws:iam::123456789012:role/Writer';
const SESSION = 'arn:aws:sts::123456789012:assumed-role/Writer/cognito-cutover';
const { signal } = new AbortController();

describe('what is written to', () => {
  it.each([
    ['is known', { account: '123456789012', arn: SESSION }, ROLE, ['123456789012', SESSION]],
    [
      'is not known but for the role that was asked for',
      { account: undefined, arn: undefined },
      ROLE,
      ['unknown', ROLE],
    ],
    ['is not known', { account: undefined, arn: undefined }, undefined, ['unknown', 'unknown']],
  ])('is named, and who writes, where that %s', async (_, caller, roleArn, [account, role]) => {
    const pool = { userPoolId: 'eu-west-1_New', caller: async () => caller };
    expect(await targetRows({ pool, attribute: 'custom:legacy_sub', roleArn }, signal)).toEqual([
      ['pool', 'eu-west-1_New'],
      ['account', account],
      ['role', role],
      ['attribute', 'custom:legacy_sub'],
    ]);
  });
});

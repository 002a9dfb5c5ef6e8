import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { awsCall, awsJsonCall, shellWord } from '../../../src/assess/fix/calls.js';

const pool = { userPoolId: 'eu-west-1_New', region: 'eu-west-1' };

describe('a call of the AWS CLI', () => {
  it('names pool and Region, takes flags and lists, and leaves empty lists out', () => {
    const options = { 'client-name': 'my app', 'generate-secret': true, urls: [], flows: ['a', 'b'], age: 3 } as const;
    expect(awsCall(pool, 'create-user-pool-client', options)).toBe(
      'aws cognito-idp create-user-pool-client --user-pool-id eu-west-1_New --region eu-west-1 --client-name \'my app\' --generate-secret --flows \'["a","b"]\' --age 3',
    );
  });

  it.each(["it's", '$(touch owned)', '`id`', 'a b', '', '*', '"', '\\', '; rm -rf /', '#no', '~'])(
    'hands %j to the command as it is',
    (value) => {
      const printed = execFileSync('sh', ['-c', `printf %s ${shellWord(value)}`]).toString();
      expect(printed).toBe(value);
    },
  );

  it('takes all parameters in one document where names may look like addresses', () => {
    expect(awsJsonCall(pool, 'create-group', { GroupName: 'https://a' })).toBe(
      `aws cognito-idp create-group --region eu-west-1 --cli-input-json '{"UserPoolId":"eu-west-1_New","GroupName":"https://a"}'`,
    );
  });
});

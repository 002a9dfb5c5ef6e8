import { describe, expect, it } from 'vitest';
import { triggersSet } from '../../../src/assess/fix/triggers.js';
import { legacyParts } from '../pools.js';

const pool = { userPoolId: 'eu-west-1_New', region: 'eu-west-1', settings: legacyParts.settings };

describe('setting triggers', () => {
  it('first lets the pool call each function', () => {
    const [permission, other] = triggersSet(pool, ['PreSignUp', 'PostConfirmation']).split('\n');
    expect(permission).toBe(
      'aws lambda add-permission --function-name ARN_OF_THE_PRE_SIGN_UP_FUNCTION --statement-id cognito-eu-west-1_New-PreSignUp --action lambda:InvokeFunction --principal cognito-idp.amazonaws.com --source-arn arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_New --region eu-west-1',
    );
    expect(other).toContain('ARN_OF_THE_POST_CONFIRMATION_FUNCTION');
  });

  it.each([
    ['PreSignUp', '.LambdaConfig.PreSignUp = "ARN_OF_THE_PRE_SIGN_UP_FUNCTION"'],
    ['PreTokenGeneration', '.LambdaConfig.PreTokenGenerationConfig = {"LambdaVersion":"V2_0"'],
    ['CustomSMSSender', '.LambdaConfig.CustomSMSSender = {"LambdaVersion":"V1_0"'],
    ['InboundFederation', '.LambdaConfig.InboundFederation = {"LambdaVersion":"V1_0"'],
  ])('sets %s as Cognito takes it', (trigger, change) => {
    expect(triggersSet(pool, [trigger])).toContain(change);
  });

  it('sets the key that custom senders need, and the plan that access tokens need, only for them', () => {
    const needs = (trigger: string) =>
      ['.LambdaConfig.KMSKeyID', '.UserPoolTier'].filter((one) => triggersSet(pool, [trigger]).includes(one));
    expect(needs('CustomEmailSender')).toEqual(['.LambdaConfig.KMSKeyID']);
    expect(needs('PreTokenGeneration')).toEqual(['.UserPoolTier']);
    expect(needs('InboundFederation')).toEqual([]);
  });
});

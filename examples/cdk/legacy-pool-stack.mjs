import { Arn, CfnOutput, Stack } from 'aws-cdk-lib';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Trigger } from './trigger.mjs';

/**
 * The trigger of the legacy pool that puts a user's own sub into tokens, as the legacy id. Deploy it in that pool's account and
 * Region. It does not change the pool: README.md has the command that attaches the trigger.
 */
export class LegacyPoolStack extends Stack {
  /**
   * @param {import('constructs').Construct} scope
   * @param {string} id
   * @param {{ legacyUserPoolId: string, alarmTopicArn?: string } & import('aws-cdk-lib').StackProps} props
   */
  constructor(scope, id, { legacyUserPoolId, alarmTopicArn, ...stackProps }) {
    super(scope, id, stackProps);
    const alarmTopic = alarmTopicArn === undefined ? undefined : Topic.fromTopicArn(this, 'AlarmTopic', alarmTopicArn);
    const trigger = new Trigger(this, 'LegacyPreTokenGeneration', {
      bundle: 'legacy-pre-token-generation',
      // It refuses to work for any other pool.
      environment: { LEGACY_USER_POOL_ID: legacyUserPoolId },
      alarmTopic,
    });
    trigger.function.addPermission('LegacyPool', {
      principal: new ServicePrincipal('cognito-idp.amazonaws.com'),
      sourceArn: Arn.format({ service: 'cognito-idp', resource: 'userpool', resourceName: legacyUserPoolId }, this),
    });
    new CfnOutput(this, 'TriggerArn', { value: trigger.function.functionArn });
  }
}

import { CutoverStack } from './cutover-stack.mjs';
import { LegacyPoolStack } from './legacy-pool-stack.mjs';

/**
 * Both stacks, from the context in cdk.json or `--context`.
 *
 * @param {import('aws-cdk-lib').App} app
 */
export function createStacks(app) {
  const given = (name) => app.node.tryGetContext(name) || undefined;
  const needed = (name) => {
    const value = given(name);
    if (value === undefined) throw new Error(`Set the context value ${name} in cdk.json.`);
    return value;
  };

  const legacyUserPoolId = needed('legacyUserPoolId');
  const alarmTopicArn = given('alarmTopicArn');
  const env = { account: process.env.CDK_DEFAULT_ACCOUNT, region: process.env.CDK_DEFAULT_REGION };

  const roles = ['userMigration', 'preSignUp', 'postConfirmation'].map((name) => [name, given(`${name}LegacyRoleArn`)]);
  const named = roles.filter(([, arn]) => arn !== undefined);
  if (named.length !== 0 && named.length !== roles.length) throw new Error('Set all three legacy roles, or none.');

  // `--context` gives text, cdk.json may have a boolean.
  const sessionHandover = String(given('sessionHandover') ?? false);
  if (!['true', 'false'].includes(sessionHandover)) throw new Error('Set sessionHandover to true or false.');

  new CutoverStack(app, 'Cutover', {
    env,
    legacyUserPoolId,
    legacyClientId: needed('legacyClientId'),
    ...(named.length === 0 ? {} : { legacyRoleArns: Object.fromEntries(roles) }),
    ...(sessionHandover === 'true' ? { sessionHandover: needed('legacyAppClientIds').split(',') } : {}),
    handoverClientIds: given('handoverClientIds')?.split(','),
    alarmTopicArn,
  });
  new LegacyPoolStack(app, 'CutoverLegacyPool', { env, legacyUserPoolId, alarmTopicArn });
}

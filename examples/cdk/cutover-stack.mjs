import { Arn, CfnOutput, CfnParameter, RemovalPolicy, Stack } from 'aws-cdk-lib';
import {
  AccountRecovery,
  ClientAttributes,
  FeaturePlan,
  LambdaVersion,
  Mfa,
  StringAttribute,
  UserPool,
  UserPoolOperation,
} from 'aws-cdk-lib/aws-cognito';
import { AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Trigger } from './trigger.mjs';

const READ_LEGACY = {
  userMigration: ['cognito-idp:AdminInitiateAuth', 'cognito-idp:AdminGetUser', 'cognito-idp:DescribeUserPool'],
  preSignUp: ['cognito-idp:ListUsers'],
  postConfirmation: ['cognito-idp:ListUsers', 'cognito-idp:AdminListGroupsForUser'],
};

/**
 * A new user pool whose users keep their legacy ids, with the triggers that ensure it.
 *
 * @typedef {object} CutoverProps
 * @property {string} legacyUserPoolId in the account and Region of the stack, unless `legacyRoleArns` is set
 * @property {string} legacyClientId an app client of the legacy pool, only for the trigger, with ALLOW_ADMIN_USER_PASSWORD_AUTH
 * @property {Record<keyof typeof READ_LEGACY, string>} [legacyRoleArns] for a legacy pool in another account: three roles there, each
 *   with the permissions of its function
 * @property {string[]} [sessionHandover] the legacy app clients whose access tokens are exchanged for new sessions; without it none are
 * @property {string[]} [handoverClientIds] the new pool's app clients that may be handed a session; any that accepts custom authentication
 *   without it
 * @property {string} [alarmTopicArn]
 */
export class CutoverStack extends Stack {
  /**
   * @param {import('constructs').Construct} scope
   * @param {string} id
   * @param {CutoverProps & import('aws-cdk-lib').StackProps} props
   */
  constructor(scope, id, props) {
    const { legacyUserPoolId, legacyClientId, legacyRoleArns, alarmTopicArn, ...rest } = props;
    const { sessionHandover, handoverClientIds = [], ...stackProps } = rest;
    super(scope, id, stackProps);
    const legacyClientSecret = new CfnParameter(this, 'LegacyClientSecret', { noEcho: true, default: '' });
    const alarmTopic = alarmTopicArn === undefined ? undefined : Topic.fromTopicArn(this, 'AlarmTopic', alarmTopicArn);
    const { mappingTable, onceTable } = this.#tables();

    const trigger = (name, bundle, environment, options = {}) =>
      new Trigger(this, name, {
        bundle,
        environment: { LEGACY_USER_POOL_ID: legacyUserPoolId, ...environment },
        alarmTopic,
        ...options,
      });
    const roleOf = (name) => ({ LEGACY_ROLE_ARN: legacyRoleArns?.[name] ?? '' });
    const MAPPING_TABLE = mappingTable.tableName;
    const userMigration = trigger(
      'UserMigration',
      'user-migration',
      {
        LEGACY_CLIENT_ID: legacyClientId,
        LEGACY_CLIENT_SECRET: legacyClientSecret.valueAsString,
        ...roleOf('userMigration'),
      },
      { refuses: true },
    );
    const preTokenGeneration = trigger('PreTokenGeneration', 'pre-token-generation', { MAPPING_TABLE });
    const preSignUp = trigger('PreSignUp', 'pre-sign-up', roleOf('preSignUp'), { refuses: true });
    const postConfirmation = trigger('PostConfirmation', 'post-confirmation', {
      ...roleOf('postConfirmation'),
      MAPPING_TABLE,
    });

    const pool = this.#pool();
    pool.addTrigger(UserPoolOperation.USER_MIGRATION, userMigration.function);
    pool.addTrigger(UserPoolOperation.PRE_TOKEN_GENERATION_CONFIG, preTokenGeneration.function, LambdaVersion.V2_0);
    pool.addTrigger(UserPoolOperation.PRE_SIGN_UP, preSignUp.function);
    pool.addTrigger(UserPoolOperation.POST_CONFIRMATION, postConfirmation.function);

    const legacyPoolArn = Arn.format(
      { service: 'cognito-idp', resource: 'userpool', resourceName: legacyUserPoolId },
      this,
    );
    const atLegacyPool = (name) =>
      legacyRoleArns === undefined
        ? { actions: READ_LEGACY[name], resource: legacyPoolArn }
        : { actions: ['sts:AssumeRole'], resource: legacyRoleArns[name] };
    userMigration.allow([
      // AdminInitiateAuth can be used to test passwords, so no other function has it.
      atLegacyPool('userMigration'),
      // For settings that settings.mjs leaves out of `newPool`.
      { actions: ['cognito-idp:DescribeUserPool'], resource: pool.userPoolArn },
    ]);
    preTokenGeneration.allow([{ actions: ['dynamodb:GetItem'], resource: mappingTable.tableArn }]);
    preSignUp.allow([atLegacyPool('preSignUp'), { actions: ['cognito-idp:ListUsers'], resource: pool.userPoolArn }]);
    postConfirmation.allow([
      atLegacyPool('postConfirmation'),
      {
        actions: [
          'cognito-idp:ListUsers',
          'cognito-idp:AdminUpdateUserAttributes',
          'cognito-idp:AdminAddUserToGroup',
          'cognito-idp:AdminDisableUser',
        ],
        resource: pool.userPoolArn,
      },
      { actions: ['dynamodb:GetItem', 'dynamodb:PutItem'], resource: mappingTable.tableArn },
    ]);

    if (sessionHandover !== undefined) {
      // Which clients it serves is a property, because the client depends on the pool, and the pool on this function.
      const handover = trigger('SessionHandover', 'session-handover', {
        LEGACY_APP_CLIENT_IDS: sessionHandover.join(','),
        HANDOVER_CLIENT_IDS: handoverClientIds.join(','),
        MAPPING_TABLE,
        USED_TOKENS_TABLE: onceTable.tableName,
      });
      pool.addTrigger(UserPoolOperation.DEFINE_AUTH_CHALLENGE, handover.function);
      pool.addTrigger(UserPoolOperation.CREATE_AUTH_CHALLENGE, handover.function);
      pool.addTrigger(UserPoolOperation.VERIFY_AUTH_CHALLENGE_RESPONSE, handover.function);
      // GetUser, which it calls at the legacy pool, is authorised by the user's token.
      handover.allow([
        { actions: ['cognito-idp:AdminGetUser'], resource: pool.userPoolArn },
        { actions: ['dynamodb:GetItem'], resource: mappingTable.tableArn },
        { actions: ['dynamodb:PutItem'], resource: onceTable.tableArn },
      ]);
    }

    const client = pool.addClient('App', {
      // The migration trigger sees passwords only where the app sends them: not with SRP or passkeys.
      authFlows: { userPassword: true, custom: sessionHandover !== undefined },
      disableOAuth: true,
      preventUserExistenceErrors: true,
      readAttributes: new ClientAttributes()
        .withStandardAttributes({ email: true, emailVerified: true })
        .withCustomAttributes('legacy_sub'),
      // Always set this list: without it, users of the client may write the mapping attribute and become any other user.
      writeAttributes: new ClientAttributes().withStandardAttributes({ email: true }),
    });
    client.applyRemovalPolicy(RemovalPolicy.RETAIN);

    new CfnOutput(this, 'NewUserPoolId', { value: pool.userPoolId });
    new CfnOutput(this, 'NewClientId', { value: client.userPoolClientId });
    new CfnOutput(this, 'MappingTableName', { value: mappingTable.tableName });
  }

  #tables() {
    return {
      mappingTable: new Table(this, 'MappingTable', {
        partitionKey: { name: 'newSub', type: AttributeType.STRING },
        billingMode: BillingMode.PAY_PER_REQUEST,
        pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
        deletionProtection: true,
        removalPolicy: RemovalPolicy.RETAIN,
      }),
      // The legacy tokens that were exchanged. It stays when hand-over is switched off, so that none is accepted again when it is
      // switched on.
      onceTable: new Table(this, 'OnceTable', {
        partitionKey: { name: 'pk', type: AttributeType.STRING },
        billingMode: BillingMode.PAY_PER_REQUEST,
        timeToLiveAttribute: 'expiresAt',
        removalPolicy: RemovalPolicy.DESTROY,
      }),
    };
  }

  /** As examples/triggers/settings.mjs says it to the migration function: change both. */
  #pool() {
    return new UserPool(this, 'NewPool', {
      // Access tokens can be customised on Essentials and Plus. On Lite use LambdaVersion.V1_0: ID tokens only.
      featurePlan: FeaturePlan.ESSENTIALS,
      selfSignUpEnabled: true,
      signInAliases: { email: true },
      signInCaseSensitive: false,
      autoVerify: { email: true },
      mfa: Mfa.OFF,
      accountRecovery: AccountRecovery.EMAIL_ONLY,
      standardAttributes: { email: { required: true, mutable: true } },
      customAttributes: {
        // Mutable, because the sync script writes it after the user was created. A limit can never be raised: leave room for other
        // legacy ids.
        legacy_sub: new StringAttribute({ mutable: true, maxLen: 2048 }),
      },
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
  }
}

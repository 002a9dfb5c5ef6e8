import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { App } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import { newPool } from '../../triggers/settings.mjs';
import { createStacks } from '../stacks.mjs';
import { byKind, cutover, LEGACY, legacyPool, PERMISSIONS, readFunctions } from './read-cdk.mjs';

const HANDING_OVER = { sessionHandover: ['app-1', 'app-2'], handoverClientIds: ['new-1', 'new-2'] };
const off = cutover();
const on = cutover(HANDING_OVER);
const legacy = legacyPool();
const found = { ...readFunctions(on), ...readFunctions(legacy) };
const propertiesOf = (template, type) =>
  Object.values(template.findResources(type)).map(({ Properties }) => Properties);
const only = (all) => {
  assert.equal(all.length, 1);
  return all[0];
};

describe('permissions', () => {
  it('are those of permissions.json, and no function is missing there', () => {
    const actions = Object.fromEntries(Object.entries(found).map(([name, one]) => [name, one.actions]));
    assert.deepEqual(actions, PERMISSIONS);
  });

  it('are a role’s own, without wildcards and without the permissions that AWS manages', () => {
    for (const [name, { log, managedPolicies }] of Object.entries(found)) {
      assert.deepEqual(log, ['logs:CreateLogStream', 'logs:PutLogEvents'], name);
      assert.deepEqual(managedPolicies, [], name);
    }
    for (const template of [on, legacy]) {
      const policies = [...propertiesOf(template, 'AWS::IAM::Policy'), ...propertiesOf(template, 'AWS::IAM::Role')];
      assert.doesNotMatch(JSON.stringify(policies), /\*/);
      for (const { Roles } of propertiesOf(template, 'AWS::IAM::Policy')) assert.equal(Roles.length, 1);
    }
  });

  it('of a legacy pool in another account are a role there, for each function its own', () => {
    const legacyRoleArns = {
      userMigration: 'arn:aws:iam::123456789012:role/migration',
      preSignUp: 'arn:aws:iam::123456789012:role/sign-up',
      postConfirmation: 'arn:aws:iam::123456789012:role/confirmation',
    };
    const functions = readFunctions(cutover({ legacyRoleArns }));
    const names = { userMigration: 'user-migration', preSignUp: 'pre-sign-up', postConfirmation: 'post-confirmation' };
    for (const [name, bundle] of Object.entries(names)) {
      const { legacyPool: _, ...own } = PERMISSIONS[bundle];
      assert.deepEqual(functions[bundle].actions, { [legacyRoleArns[name]]: ['sts:AssumeRole'], ...own });
    }
  });

  it('to invoke a function are one pool’s', () => {
    for (const [name, { invokedBy }] of Object.entries(found)) {
      const pool = name === 'legacy-pre-token-generation' ? 'legacyPool' : 'newPool';
      assert.deepEqual([...new Set(invokedBy)], [`cognito-idp.amazonaws.com ${pool}`], name);
    }
  });

  it('would not hide a second statement about the same resource', () => {
    assert.deepEqual(
      byKind([
        ['newPool', ['a']],
        ['newPool', ['b']],
      ]),
      { newPool: ['a', 'b'] },
    );
  });
});

describe('the new pool', () => {
  const pool = only(propertiesOf(on, 'AWS::Cognito::UserPool'));

  it('is what settings.mjs tells the migration function', () => {
    const schema = pool.Schema.map(({ Name, Required, StringAttributeConstraints: limits }) => ({
      name: Name === 'email' ? Name : `custom:${Name}`,
      ...(Required === true ? { required: true } : {}),
      ...(limits === undefined ? {} : { maxLength: Number(limits.MaxLength) }),
    }));
    assert.deepEqual(schema, newPool.attributes);
    assert.deepEqual(pool.AliasAttributes ?? [], newPool.aliasAttributes);
    assert.equal(pool.MfaConfiguration, 'OFF');
    assert.deepEqual(pool.AccountRecoverySetting.RecoveryMechanisms, [{ Name: 'verified_email', Priority: 1 }]);
  });

  it('has a mapping attribute with all the room there is, which can be written later', () => {
    on.hasResourceProperties('AWS::Cognito::UserPool', {
      UserPoolTier: 'ESSENTIALS',
      UsernameAttributes: ['email'],
      UsernameConfiguration: { CaseSensitive: false },
      AdminCreateUserConfig: { AllowAdminCreateUserOnly: false },
      Schema: Match.arrayWith([
        {
          Name: 'legacy_sub',
          AttributeDataType: 'String',
          Mutable: true,
          StringAttributeConstraints: { MaxLength: '2048' },
        },
      ]),
    });
  });

  it('outlives the stack, as do its app client and the mapping', () => {
    for (const [type, properties] of [
      ['AWS::Cognito::UserPool', { DeletionProtection: 'ACTIVE' }],
      ['AWS::Cognito::UserPoolClient', {}],
      [
        'AWS::DynamoDB::Table',
        {
          KeySchema: [{ AttributeName: 'newSub', KeyType: 'HASH' }],
          DeletionProtectionEnabled: true,
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        },
      ],
    ])
      on.hasResource(type, { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain', Properties: properties });
  });

  it('has an app client that reads the mapping attribute and cannot write it', () => {
    for (const template of [off, on]) {
      const client = only(propertiesOf(template, 'AWS::Cognito::UserPoolClient'));
      assert.deepEqual(client.WriteAttributes, ['email']);
      assert.deepEqual([...client.ReadAttributes].sort(), ['custom:legacy_sub', 'email', 'email_verified']);
      assert.equal(client.PreventUserExistenceErrors, 'ENABLED');
      assert.equal(client.AllowedOAuthFlowsUserPoolClient, false);
    }
  });
});

describe('session hand-over', () => {
  const flowsOf = (template) => only(propertiesOf(template, 'AWS::Cognito::UserPoolClient')).ExplicitAuthFlows;

  it('is off unless it is asked for: no function, and no client accepts custom authentication', () => {
    assert.deepEqual([...flowsOf(off)].sort(), ['ALLOW_REFRESH_TOKEN_AUTH', 'ALLOW_USER_PASSWORD_AUTH']);
    assert.equal(readFunctions(off)['session-handover'], undefined);
    const triggers = Object.keys(only(propertiesOf(off, 'AWS::Cognito::UserPool')).LambdaConfig).sort();
    assert.deepEqual(triggers, ['PostConfirmation', 'PreSignUp', 'PreTokenGenerationConfig', 'UserMigration']);
  });

  it('is one function for its three triggers', () => {
    assert.ok(flowsOf(on).includes('ALLOW_CUSTOM_AUTH'));
    const { LambdaConfig } = only(propertiesOf(on, 'AWS::Cognito::UserPool'));
    const { DefineAuthChallenge, CreateAuthChallenge, VerifyAuthChallengeResponse, PreTokenGenerationConfig } =
      LambdaConfig;
    assert.match(DefineAuthChallenge['Fn::GetAtt'][0], /^SessionHandover/);
    assert.deepEqual(CreateAuthChallenge, DefineAuthChallenge);
    assert.deepEqual(VerifyAuthChallengeResponse, DefineAuthChallenge);
    assert.equal(PreTokenGenerationConfig.LambdaVersion, 'V2_0');
    on.hasResourceProperties('AWS::Lambda::Function', {
      Handler: 'session-handover.handler',
      Environment: {
        Variables: {
          LEGACY_USER_POOL_ID: LEGACY.legacyUserPoolId,
          LEGACY_APP_CLIENT_IDS: 'app-1,app-2',
          HANDOVER_CLIENT_IDS: 'new-1,new-2',
          MAPPING_TABLE: Match.anyValue(),
          USED_TOKENS_TABLE: Match.anyValue(),
        },
      },
    });
  });

  it('keeps its table of exchanged tokens while it is off, and forgets them when they have expired', () => {
    for (const template of [off, on]) {
      template.hasResourceProperties('AWS::DynamoDB::Table', {
        KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
        TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
      });
    }
  });
});

describe('alarms', () => {
  it('notify the topic, if there is one', () => {
    const alarmTopicArn = 'arn:aws:sns:eu-west-1:123456789012:on-call';
    for (const template of [cutover({ ...HANDING_OVER, alarmTopicArn }), legacyPool({ alarmTopicArn })]) {
      for (const { AlarmActions } of propertiesOf(template, 'AWS::CloudWatch::Alarm'))
        assert.deepEqual(AlarmActions, [alarmTopicArn]);
    }
    for (const { AlarmActions } of propertiesOf(on, 'AWS::CloudWatch::Alarm')) assert.equal(AlarmActions, undefined);
  });

  it('are three for each function, whose log has an end', () => {
    const functions = propertiesOf(on, 'AWS::Lambda::Function');
    assert.equal(functions.length, 5);
    assert.equal(propertiesOf(on, 'AWS::CloudWatch::Alarm').length, 3 * functions.length);
    for (const { RetentionInDays } of propertiesOf(on, 'AWS::Logs::LogGroup')) assert.equal(RetentionInDays, 30);
    for (const { LoggingConfig, Timeout } of functions) {
      assert.equal(LoggingConfig.LogFormat, 'Text');
      assert.equal(Timeout, 5);
    }
  });
});

describe('the app', () => {
  it('names what is missing in cdk.json', () => {
    const wrong = [
      [{}, /Set the context value legacyUserPoolId/],
      [{ ...LEGACY, sessionHandover: 'true' }, /Set the context value legacyAppClientIds/],
      [{ ...LEGACY, sessionHandover: 'True' }, /true or false/],
      [{ ...LEGACY, preSignUpLegacyRoleArn: 'arn' }, /all three legacy roles, or none/],
    ];
    for (const [context, message] of wrong) assert.throws(() => createStacks(new App({ context })), message);
  });

  it('has a stack for each pool', () => {
    const folder = mkdtempSync(join(tmpdir(), 'cutover-cdk-'));
    try {
      const context = { ...LEGACY, sessionHandover: 'true', legacyAppClientIds: 'app-1', handoverClientIds: 'new-1' };
      execFileSync(process.execPath, ['app.mjs'], {
        cwd: fileURLToPath(new URL('..', import.meta.url)),
        env: { PATH: process.env.PATH, CDK_CONTEXT_JSON: JSON.stringify(context), CDK_OUTDIR: folder },
      });
      const templates = readdirSync(folder).filter((name) => name.endsWith('.template.json'));
      assert.deepEqual(templates.sort(), ['Cutover.template.json', 'CutoverLegacyPool.template.json']);
      assert.match(readFileSync(join(folder, 'Cutover.template.json'), 'utf8'), /"HANDOVER_CLIENT_IDS": "new-1"/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

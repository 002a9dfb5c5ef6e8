import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { newPool } from '../../triggers/settings.mjs';
import { expression, folder, readFunctions, readModule } from './read-terraform.mjs';

const root = await readModule('.');
const trigger = await readModule('trigger');
const functions = await readFunctions();
const one = (type, name) => root.resource[type][name][0];
const pool = one('aws_cognito_user_pool', 'new');
const client = one('aws_cognito_user_pool_client', 'app');
const mapping = one('aws_dynamodb_table', 'mapping');
const once = one('aws_dynamodb_table', 'once');

describe('the new pool', () => {
  it('is what settings.mjs tells the migration function', () => {
    const schema = pool.schema.map(({ name, required, string_attribute_constraints: [limits] }) =>
      name === 'email' ? { name, required } : { name: `custom:${name}`, maxLength: limits.max_length },
    );
    assert.deepEqual(schema, newPool.attributes);
    assert.equal(pool.alias_attributes, undefined);
    assert.equal(pool.mfa_configuration, 'OFF');
    const [{ recovery_mechanism: recovery }] = pool.account_recovery_setting;
    assert.deepEqual(recovery, [{ name: 'verified_email', priority: 1 }]);
  });

  it('has a mapping attribute that can be written later, and says the limits of every attribute', () => {
    for (const { mutable, string_attribute_constraints: limits } of pool.schema) {
      assert.equal(mutable, true);
      assert.deepEqual(limits, [{ min_length: 0, max_length: 2048 }]);
    }
  });

  it('is never replaced or deleted, nor are its app client and the mapping', () => {
    const [{ prevent_destroy: prevents, ignore_changes: ignored }] = pool.lifecycle;
    assert.equal(prevents, true);
    assert.deepEqual(ignored, [expression('schema')]);
    assert.equal(pool.deletion_protection, 'ACTIVE');
    assert.equal(client.lifecycle[0].prevent_destroy, true);
    assert.equal(mapping.lifecycle[0].prevent_destroy, true);
    assert.equal(mapping.deletion_protection_enabled, true);
    assert.deepEqual(mapping.point_in_time_recovery, [{ enabled: true }]);
    assert.equal(mapping.hash_key, 'newSub');
  });

  it('has an app client that reads the mapping attribute and cannot write it', () => {
    assert.deepEqual(client.write_attributes, ['email']);
    assert.deepEqual(client.read_attributes, ['email', 'email_verified', 'custom:legacy_sub']);
    assert.equal(client.prevent_user_existence_errors, 'ENABLED');
  });

  it('has its triggers, with tokens of version 2', () => {
    const handover = expression('one(module.session_handover[*].arn)');
    assert.deepEqual(pool.lambda_config, [
      {
        user_migration: expression('module.user_migration.arn'),
        pre_sign_up: expression('module.pre_sign_up.arn'),
        post_confirmation: expression('module.post_confirmation.arn'),
        define_auth_challenge: handover,
        create_auth_challenge: handover,
        verify_auth_challenge_response: handover,
        pre_token_generation_config: [
          { lambda_arn: expression('module.pre_token_generation.arn'), lambda_version: 'V2_0' },
        ],
      },
    ]);
  });
});

describe('session hand-over', () => {
  it('is off unless it is asked for: no function, and no client accepts custom authentication', () => {
    assert.equal(root.variable.session_handover[0].default, false);
    assert.equal(functions['session-handover'].call.count, expression('var.session_handover ? 1 : 0'));
    assert.equal(
      client.explicit_auth_flows.replaceAll(/\s+/g, ' '),
      expression(
        'concat( ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"], var.session_handover ? ["ALLOW_CUSTOM_AUTH"] : [], )',
      ),
    );
  });

  it('keeps its table of exchanged tokens while it is off, and forgets them when they have expired', () => {
    assert.equal(once.count, undefined);
    assert.equal(once.hash_key, 'pk');
    assert.deepEqual(once.ttl, [{ attribute_name: 'expiresAt', enabled: true }]);
  });

  it('has the environment that its function reads', () => {
    const { environment } = functions['session-handover'].call;
    const names = [
      'HANDOVER_CLIENT_IDS',
      'LEGACY_APP_CLIENT_IDS',
      'LEGACY_USER_POOL_ID',
      'MAPPING_TABLE',
      'USED_TOKENS_TABLE',
    ];
    assert.deepEqual(Object.keys(environment).sort(), names);
    assert.equal(environment.HANDOVER_CLIENT_IDS, expression('join(",", var.handover_client_ids)'));
  });
});

describe('a trigger', () => {
  const only = (type) => Object.values(trigger.resource[type])[0][0];

  it('writes its own log, and may do what it is called with: nothing else, to nothing else', () => {
    const policies = trigger.resource.aws_iam_role_policy;
    assert.deepEqual(Object.keys(policies).sort(), ['access', 'log']);
    const texts = Object.values(policies).map(([{ policy }]) => policy);
    assert.equal(texts.join('').match(/\*/g).length, 1);
    assert.match(policies.log[0].policy, /Resource = "\$\{aws_cloudwatch_log_group\.log\.arn\}:\*"/);
    assert.match(policies.access[0].policy, /for one in concat\(local\.legacy, var\.statements\) :/);
    assert.equal(trigger.resource.aws_iam_role_policy_attachment, undefined);
    assert.equal(trigger.resource.aws_iam_role.role[0].managed_policy_arns, undefined);
  });

  it('may be invoked by its pool alone', () => {
    const { principal, source_arn: source } = only('aws_lambda_permission');
    assert.deepEqual([principal, source], ['cognito-idp.amazonaws.com', expression('var.invoked_by')]);
  });

  it('gives up before Cognito does, and logs text to a group with an end', () => {
    assert.equal(only('aws_lambda_function').timeout, 5);
    assert.equal(only('aws_lambda_function').handler, `${expression('var.bundle')}.handler`);
    assert.equal(only('aws_lambda_function').logging_config[0].log_format, 'Text');
    assert.equal(only('aws_cloudwatch_log_group').retention_in_days, 30);
  });

  it('has alarms for the topic, if there is one', () => {
    for (const [alarm] of Object.values(trigger.resource.aws_cloudwatch_metric_alarm))
      assert.equal(alarm.alarm_actions, expression('local.alarm_actions'));
  });
});

const terraform = (...args) => execFileSync('terraform', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
const hasTerraform = spawnSync('terraform', ['version']).status === 0;

describe('Terraform itself', { skip: hasTerraform ? false : 'terraform is not installed' }, () => {
  it('would format nothing', () => {
    assert.equal(terraform('fmt', '-check', '-recursive', folder), '');
  });

  it('gives a function of another account’s pool the role there instead, and leaves out what is not set', () => {
    const home = mkdtempSync(join(tmpdir(), 'cutover-terraform-'));
    try {
      cpSync(`${folder}trigger/variables.tf`, join(home, 'trigger', 'variables.tf'));
      const text = readFileSync(`${folder}trigger/main.tf`, 'utf8');
      const [locals] = /^locals \{[\s\S]*?^\}$/m.exec(text);
      const values = '[local.legacy, local.environment, local.alarm_actions]';
      writeFileSync(join(home, 'trigger', 'main.tf'), `${locals}\noutput "values" { value = ${values} }\n`);
      const call = (name, role, topic) => `module "${name}" {
        source = "./trigger"
        shared = { name = "cutover", zip = "", hash = "", alarm_topic_arn = ${topic} }
        bundle = "pre-sign-up"
        environment = { LEGACY_USER_POOL_ID = "pool", LEGACY_ROLE_ARN = ${role} }
        invoked_by = "new"
        legacy_pool_arn = "legacy"
        legacy_role_arn = ${role}
        legacy_actions = ["cognito-idp:ListUsers"]
        statements = []
      }
      output "${name}" { value = module.${name}.values }\n`;
      writeFileSync(join(home, 'main.tf'), call('here', 'null', 'null') + call('there', '"role"', '"topic"'));
      terraform(`-chdir=${home}`, 'init', '-no-color');
      terraform(`-chdir=${home}`, 'apply', '-no-color', '-auto-approve');
      const { here, there } = JSON.parse(terraform(`-chdir=${home}`, 'output', '-json'));
      assert.deepEqual(here.value, [
        [{ actions: ['cognito-idp:ListUsers'], resource: 'legacy' }],
        { LEGACY_USER_POOL_ID: 'pool' },
        [],
      ]);
      assert.deepEqual(there.value, [
        [{ actions: ['sts:AssumeRole'], resource: 'role' }],
        { LEGACY_USER_POOL_ID: 'pool', LEGACY_ROLE_ARN: 'role' },
        ['topic'],
      ]);
    } finally {
      rmSync(home, { recursive: true });
    }
  });
});

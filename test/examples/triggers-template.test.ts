import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse, type ScalarTag } from 'yaml';
// @ts-expect-error The example is JavaScript without types.
import { newPool } from '../../examples/triggers/settings.mjs';

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: { readonly Ref?: string; readonly GetAtt?: string; readonly Sub?: string };
}

interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>> & {
    readonly Roles?: readonly { readonly Ref: string }[];
    readonly PolicyDocument?: { readonly Statement: readonly (Statement | { readonly If: readonly unknown[] })[] };
  };
}

interface FunctionProperties {
  readonly Environment: { readonly Variables: Readonly<Record<string, unknown>> };
}

const scalar = (name: string): ScalarTag => ({ tag: `!${name}`, resolve: (text: string) => ({ [name]: text }) });
const list = (name: string) => ({
  tag: `!${name}`,
  collection: 'seq' as const,
  resolve: (items: { toJSON(): unknown }) => ({ [name]: items.toJSON() }),
});
const customTags = [...['Ref', 'GetAtt', 'Sub'].map(scalar), ...['If', 'Equals', 'Not', 'And', 'Or'].map(list)];
const text = readFileSync(fileURLToPath(new URL('../../examples/triggers/template.yaml', import.meta.url)), 'utf8');
const template = parse(text, { customTags }) as { readonly Resources: Readonly<Record<string, Resource>> };
const named = Object.entries(template.Resources);
const ofType = (type: string) => named.filter(([, { Type }]) => Type === type);

const FUNCTIONS = ['UserMigration', 'PreTokenGeneration', 'PreSignUp', 'PostConfirmation'];
const ALLOWED: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  UserMigration: {
    legacy: ['cognito-idp:AdminInitiateAuth', 'cognito-idp:AdminGetUser', 'cognito-idp:DescribeUserPool'],
    'NewPool.Arn': ['cognito-idp:DescribeUserPool'],
  },
  PreTokenGeneration: { 'MappingTable.Arn': ['dynamodb:GetItem'] },
  PreSignUp: { legacy: ['cognito-idp:ListUsers'], 'NewPool.Arn': ['cognito-idp:ListUsers'] },
  PostConfirmation: {
    legacy: ['cognito-idp:ListUsers', 'cognito-idp:AdminListGroupsForUser'],
    'NewPool.Arn': [
      'cognito-idp:ListUsers',
      'cognito-idp:AdminUpdateUserAttributes',
      'cognito-idp:AdminAddUserToGroup',
      'cognito-idp:AdminDisableUser',
    ],
    'MappingTable.Arn': ['dynamodb:GetItem', 'dynamodb:PutItem'],
  },
};

/** Actions by resource that a function's policies allow, with the legacy pool in the same account or in another. */
function allowed(name: string, sameAccount: boolean): Readonly<Record<string, readonly string[]>> {
  const policies = ofType('AWS::IAM::Policy').filter(([, { Properties }]) =>
    Properties.Roles?.some(({ Ref }) => Ref === `${name}Role`),
  );
  const statements = policies.flatMap(([, { Properties }]) => Properties.PolicyDocument?.Statement ?? []);
  const chosen = statements.map((one) => {
    if (!('If' in one)) return one;
    expect(one.If[0]).toBe('SameAccount');
    return one.If[sameAccount ? 1 : 2] as Statement;
  });
  return Object.fromEntries(
    chosen.map(({ Effect, Action, Resource: { Ref, GetAtt, Sub } }) => {
      expect(Effect).toBe('Allow');
      // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation's own.
      const isLegacyPool = Sub?.endsWith(':userpool/${LegacyUserPoolId}') === true;
      return [isLegacyPool ? 'legacy' : (Ref ?? GetAtt ?? Sub ?? ''), [Action].flat()];
    }),
  );
}

describe('the template’s permissions', () => {
  it.each(FUNCTIONS)('%s may do what it needs, and nothing else', (name) => {
    expect(allowed(name, true)).toEqual(ALLOWED[name]);
  });

  it.each(FUNCTIONS)(
    '%s may do no more where the legacy pool is in another account: a role of its own does',
    (name) => {
      const { legacy, ...own } = ALLOWED[name] ?? {};
      const role = legacy === undefined ? {} : { [`${name}LegacyRoleArn`]: ['sts:AssumeRole'] };
      expect(allowed(name, false)).toEqual({ ...role, ...own });
      const { Environment } = (template.Resources[name]?.Properties ?? {}) as Partial<FunctionProperties>;
      expect(Environment?.Variables['LEGACY_ROLE_ARN']).toEqual(
        legacy === undefined ? undefined : { Ref: `${name}LegacyRoleArn` },
      );
    },
  );

  it('are a role’s own: no policy is shared, none stands inside a function, none has a wildcard', () => {
    expect(
      ofType('AWS::Serverless::Function')
        .map(([name]) => name)
        .sort(),
    ).toEqual([...FUNCTIONS].sort());
    for (const [, { Properties }] of ofType('AWS::Serverless::Function')) {
      expect(Properties).not.toHaveProperty('Policies');
      expect(Properties).not.toHaveProperty('Role');
    }
    for (const [, { Properties }] of ofType('AWS::IAM::Policy')) expect(Properties.Roles).toHaveLength(1);
    expect(ofType('AWS::IAM::Policy')).toHaveLength(FUNCTIONS.length);
    expect(text).not.toMatch(/\*["']?\s*$/m);
  });

  it('are the pool’s alone: each function may be invoked by it, and by nothing else', () => {
    const permissions = ofType('AWS::Lambda::Permission').map(([, { Properties }]) => Properties);
    expect(permissions.map(({ FunctionName }) => (FunctionName as { Ref: string }).Ref).sort()).toEqual(
      [...FUNCTIONS].sort(),
    );
    for (const permission of permissions) {
      expect(permission).toMatchObject({
        Principal: 'cognito-idp.amazonaws.com',
        SourceArn: { GetAtt: 'NewPool.Arn' },
      });
    }
  });
});

describe('the template’s pool', () => {
  interface SchemaEntry {
    readonly Name: string;
    readonly Required?: boolean;
    readonly StringAttributeConstraints?: { readonly MaxLength: string };
  }
  const pool = template.Resources['NewPool']?.Properties as {
    readonly Schema: readonly SchemaEntry[];
    readonly AliasAttributes?: readonly string[];
    readonly MfaConfiguration: string;
    readonly AccountRecoverySetting: { readonly RecoveryMechanisms: readonly { readonly Name: string }[] };
  };

  it('is what the migration function is told, which then asks nothing of it', () => {
    const schema = pool.Schema.map(({ Name, Required, StringAttributeConstraints: limits }) => ({
      name: Name === 'email' ? Name : `custom:${Name}`,
      ...(Required === true ? { required: true } : {}),
      ...(limits === undefined ? {} : { maxLength: Number(limits.MaxLength) }),
    }));
    const recovery = pool.AccountRecoverySetting.RecoveryMechanisms.map(({ Name }) => Name.replace('verified_', ''));
    expect(pool.MfaConfiguration).toBe('OFF');
    expect(newPool).toEqual({
      attributes: schema,
      aliasAttributes: pool.AliasAttributes ?? [],
      requiresMfa: false,
      smsMfa: false,
      recovery,
    });
  });

  it('has room for a signed legacy id, as the length can never be changed', () => {
    expect(newPool.attributes).toContainEqual({ name: 'custom:legacy_sub', maxLength: 2048 });
  });
});

import { describe, expect, it } from 'vitest';
// @ts-expect-error The example is JavaScript without types.
import { newPool } from '../../examples/triggers/settings.mjs';
import { type FunctionProperties, type Statement, templateOf, textOf } from './sam-template.js';

const text = textOf('template.yaml');
const template = templateOf('template.yaml');
const legacy = templateOf('legacy-pool.yaml');
const named = Object.entries(template.Resources);
const ofType = (type: string) => named.filter(([, { Type }]) => Type === type);

const FUNCTIONS = ['UserMigration', 'PreTokenGeneration', 'PreSignUp', 'PostConfirmation', 'SessionHandoverFunction'];
const HANDED_OVER = /^(?:MayInvoke)?SessionHandover/;
type Place = 'legacyPool' | 'newPool' | 'mappingTable' | 'onceTable';
const permissions = JSON.parse(textOf('permissions.json')) as Readonly<
  Record<string, Readonly<Partial<Record<Place, readonly string[]>>>>
>;
const handlerOf = (name: string) =>
  (template.Resources[name]?.Properties['Handler'] as string | undefined)?.replace('.handler', '') ?? 'none';
const RESOURCES = { newPool: 'NewPool.Arn', mappingTable: 'MappingTable.Arn', onceTable: 'OnceTable.Arn' };
const ALLOWED = Object.fromEntries(
  FUNCTIONS.map((name) => {
    const { legacyPool, ...own } = permissions[handlerOf(name)] ?? {};
    const byResource = Object.entries(own).map(([place, actions]) => [
      RESOURCES[place as keyof typeof RESOURCES],
      actions,
    ]);
    return [name, { ...(legacyPool === undefined ? {} : { legacy: legacyPool }), ...Object.fromEntries(byResource) }];
  }),
) as Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

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

  it('outlives the stack, with its app client and the mapping', () => {
    for (const name of ['NewPool', 'App', 'MappingTable'])
      expect(template.Resources[name]?.DeletionPolicy).toBe('Retain');
    expect(pool).toMatchObject({ DeletionProtection: 'ACTIVE' });
    expect(template.Resources['MappingTable']?.Properties).toMatchObject({
      DeletionProtectionEnabled: true,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    });
  });
});

describe('session hand-over in the template', () => {
  const onlyHandingOver = (value: unknown) => ({ If: ['HandsOver', value, { Ref: 'AWS::NoValue' }] });

  it('is off unless it is asked for: without it there is no function, and no client accepts custom authentication', () => {
    expect(template.Parameters['SessionHandover']?.Default).toBe('false');
    expect(template.Conditions['HandsOver']).toEqual({ Equals: [{ Ref: 'SessionHandover' }, 'true'] });
    const conditional = named.filter(([, { Condition }]) => Condition === 'HandsOver').map(([name]) => name);
    expect(conditional.sort()).toEqual(
      named
        .map(([name]) => name)
        .filter((name) => HANDED_OVER.test(name))
        .sort(),
    );
    const { ExplicitAuthFlows } = template.Resources['App']?.Properties ?? {};
    expect(ExplicitAuthFlows).toEqual([
      'ALLOW_USER_PASSWORD_AUTH',
      'ALLOW_REFRESH_TOKEN_AUTH',
      onlyHandingOver('ALLOW_CUSTOM_AUTH'),
    ]);
  });

  it('has one function for the three triggers, and a table that forgets tokens when they have expired', () => {
    const { LambdaConfig } = template.Resources['NewPool']?.Properties ?? {};
    const trigger = onlyHandingOver({ GetAtt: 'SessionHandoverFunction.Arn' });
    expect(LambdaConfig).toMatchObject({
      DefineAuthChallenge: trigger,
      CreateAuthChallenge: trigger,
      VerifyAuthChallengeResponse: trigger,
    });
    expect(template.Resources['OnceTable']?.Properties).toMatchObject({
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
    });
    expect(template.Resources['OnceTable']?.Condition).toBeUndefined();
  });
});

describe('the template of the legacy pool', () => {
  it('has a function without permissions, which that pool alone may invoke', () => {
    expect(permissions['legacy-pre-token-generation']).toEqual({});
    const types = Object.values(legacy.Resources).map(({ Type }) => Type);
    expect(types).not.toContain('AWS::IAM::Policy');
    expect(legacy.Resources['LegacyPreTokenGeneration']?.Properties).not.toHaveProperty('Policies');
    expect(legacy.Resources['MayInvokeLegacyPreTokenGeneration']?.Properties).toMatchObject({
      Principal: 'cognito-idp.amazonaws.com',
      SourceArn: { Sub: expect.stringMatching(/:userpool\/\$\{LegacyUserPoolId\}$/) },
    });
  });
});

import { readFileSync } from 'node:fs';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { CutoverStack } from '../cutover-stack.mjs';
import { LegacyPoolStack } from '../legacy-pool-stack.mjs';

export const LEGACY = { legacyUserPoolId: 'eu-west-1_AbCdEfGhI', legacyClientId: '3n4b5urk1ft4fl3mg5e62d9ado' };

/** What examples/triggers/permissions.json says that each function may do, by the kind of resource. */
export const PERMISSIONS = JSON.parse(
  readFileSync(new URL('../../triggers/permissions.json', import.meta.url), 'utf8'),
);

export const cutover = (props = {}) =>
  Template.fromStack(new CutoverStack(new App(), 'Cutover', { ...LEGACY, ...props }));
export const legacyPool = (props = {}) =>
  Template.fromStack(
    new LegacyPoolStack(new App(), 'LegacyPool', { legacyUserPoolId: LEGACY.legacyUserPoolId, ...props }),
  );

const kindOf = (resource) => {
  const [id = ''] = resource['Fn::GetAtt'] ?? [];
  const name = id.replace(/[0-9A-F]{8}$/, '');
  const text = resource['Fn::Join']?.[1].filter((part) => typeof part === 'string').join('');
  if (text?.endsWith(`:userpool/${LEGACY.legacyUserPoolId}`)) return 'legacyPool';
  if (name.endsWith('Log')) return 'log';
  const known = { NewPool: 'newPool', MappingTable: 'mappingTable', OnceTable: 'onceTable' };
  return known[name] ?? (typeof resource === 'string' ? resource : JSON.stringify(resource));
};

/** The actions of statements by the kind of resource; a kind that stands in several statements has all of their actions. */
export function byKind(statements) {
  const actions = {};
  for (const [kind, named] of statements) actions[kind] = [...(actions[kind] ?? []), ...named];
  return actions;
}

/** What a template says of each function, by the name of its bundle. */
export function readFunctions(template) {
  const { Resources } = template.toJSON();
  const all = Object.entries(Resources).map(([id, { Type, Properties }]) => ({ id, Type, ...Properties }));
  const ofType = (type) => all.filter(({ Type }) => Type === type);
  const read = ({ id, Handler, Role, Environment }) => {
    const [roleId] = Role['Fn::GetAtt'];
    const { Policies = [], ManagedPolicyArns = [] } = Resources[roleId].Properties;
    const own = ofType('AWS::IAM::Policy').filter(({ Roles }) => Roles.some(({ Ref }) => Ref === roleId));
    const statements = [...Policies, ...own].flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
    const { log, ...actions } = byKind(
      statements.map(({ Effect, Action, Resource }) => [
        Effect === 'Allow' ? kindOf(Resource) : Effect,
        [Action].flat(),
      ]),
    );
    const isAbout = ({ MetricName, Dimensions }) => (Dimensions?.[0].Value ?? MetricName).Ref === id;
    return [
      Handler.replace('.handler', ''),
      {
        actions,
        log,
        managedPolicies: ManagedPolicyArns,
        environment: Object.keys(Environment.Variables).sort(),
        invokedBy: ofType('AWS::Lambda::Permission')
          .filter(({ FunctionName }) => FunctionName['Fn::GetAtt'][0] === id)
          .map(({ Principal, SourceArn }) => `${Principal} ${kindOf(SourceArn)}`),
        alarms: ofType('AWS::CloudWatch::Alarm')
          .filter(isAbout)
          .map((one) => [
            typeof one.MetricName === 'string' ? `${one.Namespace} ${one.MetricName}` : one.Namespace,
            [one.Statistic, one.ComparisonOperator, one.Threshold, one.EvaluationPeriods, one.Period],
            one.TreatMissingData,
          ]),
        patterns: ofType('AWS::Logs::MetricFilter')
          .filter(({ MetricTransformations: [{ MetricName }] }) => MetricName.Ref === id)
          .map(({ FilterPattern }) => FilterPattern),
      },
    ];
  };
  return Object.fromEntries(ofType('AWS::Lambda::Function').map(read));
}

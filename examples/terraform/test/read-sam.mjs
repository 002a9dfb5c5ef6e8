import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

const scalar = (name) => ({ tag: `!${name}`, resolve: (text) => ({ [name]: text }) });
const list = (name) => ({ tag: `!${name}`, collection: 'seq', resolve: (items) => ({ [name]: items.toJSON() }) });
const customTags = [
  ...['Ref', 'GetAtt', 'Sub'].map(scalar),
  ...['If', 'Equals', 'Not', 'And', 'Or', 'Contains', 'Join'].map(list),
];
const templateOf = (file) =>
  parse(readFileSync(new URL(`../../triggers/${file}`, import.meta.url), 'utf8'), { customTags });

const kindOf = ({ Sub, GetAtt }) => {
  if (/:userpool\/\$\{LegacyUserPoolId\}$/.test(Sub ?? '')) return 'legacyPool';
  return { 'NewPool.Arn': 'newPool', 'MappingTable.Arn': 'mappingTable', 'OnceTable.Arn': 'onceTable' }[GetAtt];
};

/** What the templates say of each function, by the name of its bundle, with the legacy pool in the same account. */
export function readFunctions() {
  const alarms = templateOf('alarms.yaml').Resources;
  return Object.fromEntries(
    ['template.yaml', 'legacy-pool.yaml'].flatMap((file) => {
      const { Globals, Resources } = templateOf(file);
      const shared = Globals?.Function.Environment.Variables ?? {};
      const all = Object.entries(Resources).map(([id, one]) => ({ id, ...one }));
      const ofType = (type) => all.filter(({ Type }) => Type === type);
      return ofType('AWS::Serverless::Function').map(({ id, Properties }) => {
        const policies = ofType('AWS::IAM::Policy').filter(({ Properties: { Roles } }) => Roles[0].Ref === `${id}Role`);
        const statements = policies
          .flatMap(({ Properties: { PolicyDocument } }) => PolicyDocument.Statement)
          .map((one) => one.If?.[1] ?? one);
        const stack = ofType('AWS::CloudFormation::Stack').find(
          ({ Properties: { Parameters } }) => Parameters.FunctionName.Ref === id,
        );
        const refuses = stack.Properties.Parameters.Refuses === 'true';
        const chosen = (value) => (value.If?.[0] === 'CountsLog' ? value.If[refuses ? 1 : 2] : value);
        return [
          Properties.Handler.replace('.handler', ''),
          {
            environment: Object.keys({ ...shared, ...Properties.Environment.Variables }).sort(),
            statements: statements.map(({ Action, Resource }) => [kindOf(Resource), [Action].flat()]),
            invokedBy: ofType('AWS::Lambda::Permission')
              .filter(({ Properties: { FunctionName } }) => FunctionName.Ref === id)
              .map(({ Properties: { Principal, SourceArn } }) => `${Principal} ${kindOf(SourceArn)}`),
            alarms: Object.values(alarms)
              .filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm')
              .map(({ Properties: one }) => {
                const metric = chosen(one.MetricName);
                return [
                  typeof metric === 'string' ? `${chosen(one.Namespace)} ${metric}` : chosen(one.Namespace),
                  [one.Statistic, one.ComparisonOperator, one.Threshold, one.EvaluationPeriods, one.Period],
                  one.TreatMissingData,
                ];
              }),
            patterns: refuses
              ? Object.values(alarms).flatMap(({ Properties: { FilterPattern } }) => FilterPattern ?? [])
              : [],
          },
        ];
      });
    }),
  );
}

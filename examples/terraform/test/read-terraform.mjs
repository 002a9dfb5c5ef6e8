import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from '@cdktn/hcl2json';

export const folder = fileURLToPath(new URL('..', import.meta.url));

/** What HashiCorp's parser reads of a module: every `.tf` file of a folder. Expressions are text in `${}`. */
export async function readModule(path) {
  const module = {};
  for (const file of readdirSync(`${folder}${path}`).filter((name) => name.endsWith('.tf'))) {
    const parsed = await parse(file, readFileSync(`${folder}${path}/${file}`, 'utf8'));
    for (const [kind, blocks] of Object.entries(parsed))
      module[kind] = Array.isArray(blocks) ? [...(module[kind] ?? []), ...blocks] : merged(module[kind], blocks);
  }
  return module;
}

const merged = (one = {}, other) =>
  Object.fromEntries(
    [...new Set([...Object.keys(one), ...Object.keys(other)])].map((key) => {
      const [a, b] = [one[key], other[key]];
      if (a === undefined || b === undefined) return [key, a ?? b];
      return [key, Array.isArray(a) ? [...a, ...b] : { ...a, ...b }];
    }),
  );

/** An expression as the parser returns it. */
export const expression = (text) => `\${${text}}`;

const KINDS = {
  'aws_cognito_user_pool.new.arn': 'newPool',
  'aws_dynamodb_table.mapping.arn': 'mappingTable',
  'aws_dynamodb_table.once.arn': 'onceTable',
  'local.legacy_pool_arn': 'legacyPool',
};
const kindOf = (expression) => {
  const name = /^\$\{(.+)\}$/.exec(expression)?.[1] ?? expression;
  return KINDS[name] ?? name;
};

/** The value of `var.refuses ? a : b`, the only condition in the alarms. */
const chosen = (value, refuses) => {
  const [, yes, no] = /^\$\{var\.refuses \? (.+) : (.+)\}$/.exec(value) ?? [];
  return yes === undefined ? value : (refuses ? yes : no).replaceAll('"', '');
};

/** What the configuration says of each function, by the name of its bundle. */
export async function readFunctions() {
  const root = await readModule('.');
  const trigger = await readModule('trigger');
  const alarms = Object.values(trigger.resource.aws_cloudwatch_metric_alarm).map(([alarm]) => alarm);
  const [{ failures }] = trigger.locals.filter((one) => 'failures' in one);
  return Object.fromEntries(
    Object.values(root.module).map(([call]) => {
      const { bundle, refuses = false, legacy_actions: legacyActions = [], statements, invoked_by: invokedBy } = call;
      const legacy = legacyActions.length === 0 ? [] : [[kindOf(call.legacy_pool_arn), legacyActions]];
      return [
        bundle,
        {
          call,
          environment: Object.keys(call.environment).sort(),
          statements: [...legacy, ...statements.map(({ actions, resource }) => [kindOf(resource), actions])],
          invokedBy: [`cognito-idp.amazonaws.com ${kindOf(invokedBy)}`],
          alarms: alarms.map((one) => {
            const metric = chosen(one.metric_name, refuses);
            const namespace = chosen(one.namespace, refuses);
            return [
              metric === 'local.function_name' ? namespace : `${namespace} ${metric}`,
              [one.statistic, one.comparison_operator, one.threshold, one.evaluation_periods, one.period],
              one.treat_missing_data,
            ];
          }),
          patterns: refuses ? Object.values(failures) : [],
        },
      ];
    }),
  );
}

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { it } from 'node:test';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { LambdaVersion, UserPool, UserPoolOperation } from 'aws-cdk-lib/aws-cognito';
import { AttributeType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Trigger } from '../trigger.mjs';

const at = (path) => new URL(`../${path}`, import.meta.url);
const readme = readFileSync(at('README.md'), 'utf8');
const blocks = (language) =>
  [...readme.matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(([, text]) => text);
const lines = blocks('sh').join('').trim().split('\n');

it('names every value of the context in cdk.json, and no other', () => {
  const [, table] = readme.split('| context');
  const named = [...table.split('\n\n')[0].matchAll(/`(\w+)`/g)]
    .map(([, name]) => name)
    .filter((name) => name !== 'true');
  assert.deepEqual(named.sort(), Object.keys(JSON.parse(readFileSync(at('cdk.json'), 'utf8')).context).sort());
});

it('has commands that exist', () => {
  const { scripts } = JSON.parse(readFileSync(at('package.json'), 'utf8'));
  const known = [
    /^npm ci( && npm run build)?$/,
    /^cd examples\/cdk$/,
    /^npm test$/,
    /^npx aws-cdk bootstrap$/,
    /^npx aws-cdk deploy Cutover(LegacyPool)?( --parameters LegacyClientSecret=SECRET)?$/,
    /^npx aws-cdk destroy Cutover$/,
    /^npm run build$/,
    /^sh \.\.\/triggers\/set-triggers\.sh eu-west-1_New '\{\}'$/,
  ];
  assert.deepEqual(
    lines.filter((line) => line !== '' && !known.some((pattern) => pattern.test(line))),
    [],
  );
  assert.ok(scripts.build && scripts.test);
  assert.ok(existsSync(at('../triggers/set-triggers.sh')));
});

it('has a construct that works with a pool of another stack', () => {
  const stack = new Stack(new App(), 'Own');
  const pool = new UserPool(stack, 'Pool');
  const mappingTable = new Table(stack, 'Mapping', { partitionKey: { name: 'newSub', type: AttributeType.STRING } });
  const [code] = blocks('js');
  const names = { Trigger, stack, pool, mappingTable, UserPoolOperation, LambdaVersion };
  new Function(...Object.keys(names), code)(...Object.values(names));
  Template.fromStack(stack).hasResourceProperties('AWS::Cognito::UserPool', {
    LambdaConfig: { PreTokenGenerationConfig: { LambdaVersion: 'V2_0' } },
  });
});

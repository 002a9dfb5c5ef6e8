import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { PAGES, textOf } from '../support/doc-blocks.js';

// The calls of the AWS CLI in the docs and in the messages of the commands, compared with the models of the AWS SDK.

const root = fileURLToPath(new URL('../..', import.meta.url));
const require = createRequire(import.meta.url);
const sdk = join(
  dirname(require.resolve('@aws-sdk/client-cognito-identity-provider/package.json')),
  'dist-types/models',
);
const models = readdirSync(sdk).map((name) => readFileSync(join(sdk, name), 'utf8'));

/** The members of a request, as the CLI compares them: without hyphens and capitals. `undefined` where there is no such operation. */
function membersOf(operation: string): string[] | undefined {
  const name = operation.replaceAll(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());
  const heading = new RegExp(`^export interface ${name}Request \\{([\\s\\S]*?)^\\}`, 'im');
  const [, body] = models.map((text) => heading.exec(text)).find((found) => found !== null) ?? [];
  return body === undefined
    ? undefined
    : [...body.matchAll(/^ {4}(\w+)\??:/gm)].map(([, member = '']) => member.toLowerCase());
}

/** Parameters of the CLI itself. */
const OF_THE_CLI = ['cli-input-json', 'endpoint-url', 'no-sign-request', 'output', 'profile', 'query', 'region'];
const pools = (members: string[] | undefined) => members?.filter((member) => member.endsWith('poolid'));

const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => join('src', name));
const calls = [...PAGES, ...sources].flatMap((place) =>
  [
    ...textOf(place)
      .replaceAll(/\\\\?\n\s*/g, ' ')
      .matchAll(/\baws ([a-z]+-[a-z]+|lambda|s3|iam) ([a-z]+(?:-[a-z]+)*)([^`\n|;)]*)/g),
  ].map(([, service = '', operation = '', rest = '']) => ({ place, service, operation, rest })),
);
const ofPools = calls.filter(({ service }) => service === 'cognito-idp');

describe('the calls of user pools', () => {
  it('are found, and so are the models', () => {
    expect(ofPools.length).toBeGreaterThan(9);
    expect(pools(membersOf('admin-get-user'))).toEqual(['userpoolid']);
    expect(membersOf('no-such-operation')).toBeUndefined();
  });

  it.each(ofPools)('$place: aws cognito-idp $operation$rest', ({ operation, rest }) => {
    const members = membersOf(operation);
    expect(members).toBeDefined();
    const parameters = [...rest.matchAll(/ --([a-z][a-z-]*)/g)].map(([, parameter = '']) => parameter);
    const isKnown = (parameter: string) =>
      OF_THE_CLI.includes(parameter) || members?.includes(parameter.replace(/^no-/, '').replaceAll('-', ''));
    expect(parameters.filter((parameter) => !isKnown(parameter))).toEqual([]);
  });
});

/** Calls of services whose models are not installed. Nothing compares them: the list only makes a new one, or a new parameter, noticed. */
const BY_HAND: Readonly<Record<string, readonly string[]>> = {
  'cognito-identity list-identity-pools': ['cli-input-json', 'output'],
  'iam update-assume-role-policy': [],
  'lambda add-permission': [],
  'lambda update-function-code': ['function-name', 'zip-file', 'architectures'],
  's3 cp': [],
};

it('other calls are those of docs/identity-pools.md, which has a suite of its own, and a few more', () => {
  const suite = readFileSync(join(root, 'test/docs-identity-pools.test.ts'), 'utf8');
  const others = calls.filter(({ service }) => service !== 'cognito-idp');
  const unknown = others.filter(({ service, operation, rest }) => {
    const call = `${service} ${operation}`;
    if (suite.includes(`'${call}'`)) return false;
    const parameters = [...rest.matchAll(/ --([a-z][a-z-]*)/g)].map(([, parameter = '']) => parameter);
    return BY_HAND[call] === undefined || parameters.some((one) => !BY_HAND[call]?.includes(one));
  });
  expect(unknown).toEqual([]);
});

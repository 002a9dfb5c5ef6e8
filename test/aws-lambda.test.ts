import { expect, it } from 'vitest';
import { isLambda } from '../src/aws-lambda.js';

it.each<[NodeJS.ProcessEnv, boolean]>([
  [{ AWS_LAMBDA_FUNCTION_NAME: 'authorizer' }, true],
  [{ AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs22.x' }, true],
  [{ AWS_EXECUTION_ENV: 'AWS_ECS_FARGATE' }, false],
  [{}, false],
])('with %j the process is frozen between calls: %s', (env, expected) => {
  expect(isLambda(env)).toBe(expected);
});

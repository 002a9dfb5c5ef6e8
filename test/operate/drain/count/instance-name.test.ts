import { hostname } from 'node:os';
import { describe, expect, it } from 'vitest';
import { defaultInstanceName, lambdaFunction } from '../../../../src/operate/drain/count/instance-name.js';

describe('defaultInstanceName', () => {
  it.each([
    [{}, hostname()],
    [{ NODE_APP_INSTANCE: '3' }, `${hostname()}/3`],
    [{ NODE_APP_INSTANCE: '0' }, `${hostname()}/0`],
    [{ AWS_LAMBDA_FUNCTION_NAME: 'authorizer' }, 'authorizer'],
  ])('is found again after a restart: %j', (env, name) => {
    expect(defaultInstanceName(env)).toBe(name);
  });

  it('tells AWS Lambda from other places', () => {
    expect(lambdaFunction({})).toBeUndefined();
    expect(lambdaFunction({ AWS_LAMBDA_FUNCTION_NAME: 'authorizer' })).toBe('authorizer');
  });
});

import { expect, it, vi } from 'vitest';
import { createMetricReader } from '../../../src/directory/command-line/metric-reader.js';

vi.mock('@aws-sdk/client-cloudwatch', () => {
  throw new Error("Cannot find package '@aws-sdk/client-cloudwatch'");
});

it('says which package to install', async () => {
  await expect(createMetricReader('--cloudwatch', { userPoolId: 'eu-west-1_Legacy001' })).rejects.toMatchObject({
    name: 'ConfigurationError',
    message: '--cloudwatch: needs the package @aws-sdk/client-cloudwatch: npm install @aws-sdk/client-cloudwatch',
  });
});

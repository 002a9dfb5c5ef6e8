import { expect, it, onTestFinished } from 'vitest';
import { createMetricReader } from '../../../src/directory/command-line/metric-reader.js';
import { type CloudWatchOptions, seriesOf, startCloudWatch } from '../../support/cloudwatch.js';

const POOL = 'eu-west-1_Legacy001';
const HOUR = 3_600_000;
const NOON = Date.UTC(2026, 0, 15, 12);
const hours = { from: NOON - 24 * HOUR, to: NOON, periodSeconds: 3600 };

async function reader(options: CloudWatchOptions) {
  const cloudWatch = await startCloudWatch(options);
  const metrics = await createMetricReader('--cloudwatch', { userPoolId: POOL });
  onTestFinished(() => metrics.close());
  return { ...cloudWatch, metrics };
}

const signIns = (client: string) => ({ name: 'SignInSuccesses', dimensions: { UserPoolClient: client } });

it('reads the sums of each metric, the oldest first', async () => {
  const { metrics, requests } = await reader({
    recorded: {
      [POOL]: {
        [seriesOf('SignInSuccesses', 'web')]: { [NOON - 2 * HOUR]: 2, [NOON - HOUR]: 3, [NOON - HOUR + 60_000]: 1 },
        [seriesOf('FederationSuccesses', 'web', 'Google')]: { [NOON - 3 * HOUR]: 4 },
      },
    },
  });
  const federated = {
    name: 'FederationSuccesses',
    dimensions: { UserPoolClient: 'web', IdentityProvider: 'Google' },
  };
  expect(await metrics.sums([signIns('web'), federated, signIns('app')], hours)).toEqual([
    [
      { at: NOON - 2 * HOUR, sum: 2 },
      { at: NOON - HOUR, sum: 4 },
    ],
    [{ at: NOON - 3 * HOUR, sum: 4 }],
    [],
  ]);
  expect(requests).toHaveLength(1);
});

it('follows the pages, over which a series may be spread', async () => {
  const { metrics, requests } = await reader({
    pageSize: 2,
    recorded: {
      [POOL]: {
        [seriesOf('SignInSuccesses', 'web')]: { [NOON - 3 * HOUR]: 3, [NOON - 2 * HOUR]: 2, [NOON - HOUR]: 1 },
        [seriesOf('SignInSuccesses', 'app')]: { [NOON - HOUR]: 9 },
      },
    },
  });
  const [web, app] = await metrics.sums([signIns('web'), signIns('app')], hours);
  expect(web?.map(({ sum }) => sum)).toEqual([3, 2, 1]);
  expect(app?.map(({ sum }) => sum)).toEqual([9]);
  expect(requests).toHaveLength(2);
});

it('asks for no more data points at once than CloudWatch returns', async () => {
  const { metrics, requests } = await reader({});
  const many = Array.from({ length: 30 }, (_, at) => signIns(`client${at}`));
  const sums = await metrics.sums(many, { ...hours, from: NOON - 455 * 24 * HOUR });
  expect(sums).toEqual(many.map(() => []));
  for (const { MetricDataQueries = [] } of requests) expect(MetricDataQueries.length * 455 * 24).toBeLessThan(100_800);
  expect(requests.flatMap(({ MetricDataQueries = [] }) => MetricDataQueries)).toHaveLength(30);
});

it.each([
  ['is not complete', [{ Id: 'm0', StatusCode: 'InternalError', Timestamps: [], Values: [] }]],
  ['is missing', []],
  ['has a time without a value', [{ Id: 'm0', StatusCode: 'Complete', Timestamps: [1], Values: [] }]],
])('never takes a series that %s for an empty one', async (_, MetricDataResults) => {
  const { metrics } = await reader({ answer: () => ({ status: 200, body: { MetricDataResults } }) });
  await expect(metrics.sums([signIns('web')], hours)).rejects.toMatchObject({ kind: 'answer' });
});

it('says which call was refused', async () => {
  const { metrics } = await reader({
    answer: () => ({ status: 400, body: { __type: 'AccessDeniedException', message: 'no permission' } }),
  });
  await expect(metrics.sums([signIns('web')], hours)).rejects.toMatchObject({
    ...{ kind: 'credentials', operation: 'GetMetricData', exception: 'AccessDeniedException' },
  });
});

it('stops when told to', async () => {
  const { metrics } = await reader({});
  const reason = new Error('stopped');
  await expect(metrics.sums([signIns('web')], hours, AbortSignal.abort(reason))).rejects.toBe(reason);
});

import type { CloudWatchClient, MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import { ConfigurationError } from '../../errors.js';
import { toToken, unexpected } from '../answers.js';
import { toDirectoryError } from '../failures.js';
import { pages } from '../pages.js';
import { besidePool, type UserDirectoryOptions } from './connect.js';

/** A metric that Cognito publishes of a pool, with the dimensions that identify it besides the pool. */
export interface PoolMetric {
  readonly name: string;
  /** For example `{ UserPoolClient: '1example23456789' }`. */
  readonly dimensions: Readonly<Record<string, string>>;
}

/** The sum of a metric over one period. */
interface MetricSum {
  /** When the period begins, milliseconds since the epoch. */
  readonly at: number;
  readonly sum: number;
}

interface MetricPeriods {
  /** Milliseconds since the epoch. */
  readonly from: number;
  readonly to: number;
  /** A multiple of 60. */
  readonly periodSeconds: number;
}

/** What CloudWatch has recorded of a user pool. */
export interface MetricReader {
  readonly userPoolId: string;
  /**
   * The sums of each metric, in the order of `metrics`, the oldest first. A period without data has no entry: whether nothing happened
   * or nothing was recorded cannot be told apart.
   * @throws {@link DirectoryError}, or the signal's reason
   */
  sums(
    metrics: readonly PoolMetric[],
    periods: MetricPeriods,
    signal?: AbortSignal,
  ): Promise<readonly (readonly MetricSum[])[]>;
  /** Closes connections. */
  close(): void;
}

const OPERATION = 'GetMetricData';

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html */
const MOST_METRICS = 500;
const MOST_DATA_POINTS = 100_800;

/**
 * CloudWatch in the Region of a pool, with the credentials of its calls. `AWS_ENDPOINT_URL_CLOUDWATCH` sends them elsewhere.
 * @throws {@link ConfigurationError} if `@aws-sdk/client-cloudwatch` is not installed; named `option`
 */
export async function createMetricReader(option: string, options: UserDirectoryOptions): Promise<MetricReader> {
  const { userPoolId } = options;
  const name = '@aws-sdk/client-cloudwatch';
  const { CloudWatchClient, GetMetricDataCommand } = await import('@aws-sdk/client-cloudwatch').catch((error) => {
    throw new ConfigurationError(option, `needs the package ${name}: npm install ${name}`, error);
  });
  const client: CloudWatchClient = new CloudWatchClient(besidePool(options));

  /** One page, with the SDK's own retries: no quota of Cognito's depends on them. */
  const page = async (
    queries: MetricDataQuery[],
    { from, to }: MetricPeriods,
    token?: string,
    signal?: AbortSignal,
  ) => {
    try {
      return await client.send(
        new GetMetricDataCommand({
          ...{ MetricDataQueries: queries, StartTime: new Date(from), EndTime: new Date(to) },
          ...(token === undefined ? {} : { NextToken: token }),
        }),
        signal === undefined ? {} : { abortSignal: signal },
      );
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      throw toDirectoryError(OPERATION, userPoolId, error);
    }
  };

  const sumsOf = async (metrics: readonly PoolMetric[], periods: MetricPeriods, signal?: AbortSignal) => {
    const queries = metrics.map((metric, at) => toQuery(`m${at}`, userPoolId, metric, periods));
    const found = new Map<string, MetricSum[]>(queries.map(({ Id = '' }) => [Id, []]));
    // A series may continue on a later page. It is complete if its last part says so.
    const status = new Map<string, string | undefined>();
    const list = async (token: string | undefined) => {
      const { MetricDataResults, NextToken } = await page(queries, periods, token, signal);
      return { results: MetricDataResults ?? [], nextToken: toToken(OPERATION, NextToken) };
    };
    for await (const { results } of pages({ userPoolId }, list)) {
      for (const { Id = '', Timestamps = [], Values = [], StatusCode } of results) {
        const sums = found.get(Id);
        if (sums === undefined || Timestamps.length !== Values.length)
          unexpected(OPERATION, 'a series that is not whole');
        sums.push(...Timestamps.map((time, at) => ({ at: time.getTime(), sum: Values[at] ?? 0 })));
        status.set(Id, StatusCode);
      }
    }
    for (const Id of found.keys()) {
      if (status.get(Id) !== 'Complete') unexpected(OPERATION, `a series that is ${status.get(Id) ?? 'missing'}`);
    }
    return [...found.values()].map((sums) => sums.toSorted((one, other) => one.at - other.at));
  };

  return {
    userPoolId,
    sums: async (metrics, periods, signal) => {
      const perMetric = Math.ceil((periods.to - periods.from) / (periods.periodSeconds * 1000)) + 1;
      const atOnce = Math.max(1, Math.min(MOST_METRICS, Math.floor(MOST_DATA_POINTS / perMetric)));
      const all: (readonly MetricSum[])[] = [];
      for (let at = 0; at < metrics.length; at += atOnce) {
        all.push(...(await sumsOf(metrics.slice(at, at + atOnce), periods, signal)));
      }
      return all;
    },
    close: () => client.destroy(),
  };
}

function toQuery(
  id: string,
  userPoolId: string,
  metric: PoolMetric,
  { periodSeconds }: MetricPeriods,
): MetricDataQuery {
  const dimensions = Object.entries({ UserPool: userPoolId, ...metric.dimensions });
  return {
    Id: id,
    MetricStat: {
      Metric: {
        Namespace: 'AWS/Cognito',
        MetricName: metric.name,
        Dimensions: dimensions.map(([Name, Value]) => ({ Name, Value })),
      },
      Period: periodSeconds,
      Stat: 'Sum',
    },
  };
}

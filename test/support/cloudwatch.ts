import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { GetMetricDataInput } from '@aws-sdk/client-cloudwatch';
import { onTestFinished, vi } from 'vitest';

/** What CloudWatch has recorded: the metric's name and its dimensions but for the pool, then the time in milliseconds and the sum. */
type Recorded = Readonly<Record<string, Readonly<Record<number, number>>>>;

/** `SignInSuccesses web`, `FederationSuccesses web Google`. */
export const seriesOf = (name: string, ...values: readonly string[]): string => [name, ...values].join(' ');

export interface CloudWatchOptions {
  /** By the id of the pool. Default: nothing was ever recorded. */
  readonly recorded?: Readonly<Record<string, Recorded>>;
  /** Data points in an answer. @defaultValue as many as there are */
  readonly pageSize?: number;
  /** Answers instead, where it returns something. */
  readonly answer?: (input: GetMetricDataInput) => { status: number; body: object } | undefined;
}

export interface CloudWatch {
  readonly endpoint: string;
  readonly requests: readonly GetMetricDataInput[];
}

interface Point {
  readonly id: string;
  readonly at: number;
  readonly sum: number;
}

/** CloudWatch's GetMetricData behind the SDK's own protocol, for one test; the SDK finds it through the environment. */
export async function startCloudWatch({
  recorded = {},
  pageSize = Number.POSITIVE_INFINITY,
  answer,
}: CloudWatchOptions = {}): Promise<CloudWatch> {
  const requests: GetMetricDataInput[] = [];
  const server = createServer(async (request, response) => {
    const input = JSON.parse(await text(request)) as GetMetricDataInput;
    requests.push(input);
    const isKnown = `${request.headers['x-amz-target']}`.endsWith('.GetMetricData');
    const { status, body } = (isKnown ? answer?.(input) : { status: 400, body: { __type: 'UnknownOperation' } }) ?? {
      status: 200,
      body: pageOf(input, recorded, pageSize),
    };
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  for (const [name, value] of Object.entries({
    AWS_ENDPOINT_URL_CLOUDWATCH: endpoint,
    AWS_ACCESS_KEY_ID: 'AKIATEST',
    AWS_SECRET_ACCESS_KEY: 'secret',
  })) {
    vi.stubEnv(name, value);
  }
  onTestFinished(() => void vi.unstubAllEnvs());
  return { endpoint, requests };
}

/** A page of data points over all series; each series says with its last part that it is complete. */
function pageOf(input: GetMetricDataInput, recorded: NonNullable<CloudWatchOptions['recorded']>, pageSize: number) {
  const points = (input.MetricDataQueries ?? []).flatMap((query) => pointsOf(query, input, recorded));
  const from = Number(input.NextToken ?? 0);
  const page = points.slice(from, from + pageSize);
  const isLast = from + pageSize >= points.length;
  const results = (input.MetricDataQueries ?? []).map(({ Id = '' }) => {
    const own = page.filter(({ id }) => id === Id);
    return {
      ...{ Id, Label: Id, StatusCode: isLast ? 'Complete' : 'PartialData' },
      Timestamps: own.map(({ at }) => at / 1000),
      Values: own.map(({ sum }) => sum),
    };
  });
  return { MetricDataResults: results, ...(isLast ? {} : { NextToken: `${from + pageSize}` }) };
}

/** The sums by period, the newest first, as CloudWatch returns them. */
function pointsOf(
  { Id = '', MetricStat }: NonNullable<GetMetricDataInput['MetricDataQueries']>[number],
  { StartTime, EndTime }: GetMetricDataInput,
  recorded: NonNullable<CloudWatchOptions['recorded']>,
): Point[] {
  const { Metric, Period = 60, Stat } = MetricStat ?? {};
  const dimensions = Metric?.Dimensions ?? [];
  const pool = dimensions.find(({ Name }) => Name === 'UserPool')?.Value ?? '';
  const others = dimensions.filter(({ Name }) => Name !== 'UserPool').map(({ Value = '' }) => Value);
  if (Metric?.Namespace !== 'AWS/Cognito' || Stat !== 'Sum') return [];
  const series = recorded[pool]?.[seriesOf(Metric.MetricName ?? '', ...others)] ?? {};
  const sums = new Map<number, number>();
  for (const [time, sum] of Object.entries(series)) {
    const at = Math.floor(Number(time) / (Period * 1000)) * Period * 1000;
    // The wire has seconds.
    const isAsked = at >= Number(StartTime) * 1000 && at < Number(EndTime) * 1000;
    if (isAsked) sums.set(at, (sums.get(at) ?? 0) + sum);
  }
  return [...sums].map(([at, sum]) => ({ id: Id, at, sum })).toSorted((one, other) => other.at - one.at);
}

import { type Meter, metrics } from '@opentelemetry/api';
import { DataPointType, MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { ConfigurationError, CutoverError } from '../../src/errors.js';
import { Announcer } from '../../src/operate/announcer.js';
import { instrumentCutover, type MetricsOptions } from '../../src/operate/metrics.js';
import { FakeClock } from '../support/fake-clock.js';

/** Collects when it is asked to. */
class OnDemand extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

interface Recorded {
  readonly unit: string;
  readonly points: readonly { readonly attributes: object; readonly value: unknown }[];
}

function setUp(more: MetricsOptions = {}) {
  const clock = new FakeClock();
  const reader = new OnDemand();
  const provider = new MeterProvider({ readers: [reader] });
  const meter = provider.getMeter('test');
  const recording = instrumentCutover({ meter, clock, ...more });
  onTestFinished(() => recording.close());
  const collect = async (): Promise<Record<string, Recorded>> => {
    const { resourceMetrics, errors } = await reader.collect();
    expect(errors).toEqual([]);
    const all = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
    return Object.fromEntries(
      all.map(({ descriptor, dataPointType, dataPoints }) => {
        const points = dataPoints.map(({ attributes, value }) => ({
          attributes,
          value: dataPointType === DataPointType.HISTOGRAM ? (value as { count: number; sum: number }).sum : value,
        }));
        return [descriptor.name, { unit: descriptor.unit, points }];
      }),
    );
  };
  const announcer = new Announcer(undefined, () => 3);
  return { clock, meter, provider, recording, collect, announcer };
}

const IDENTITY = {
  pool: 'legacy',
  userPoolId: 'eu-west-1_Legacy',
  clientId: 'web',
  tokenUse: 'access',
  kind: 'user',
  userIdSource: 'sub',
  sub: 'the-sub',
} as const;

const ABOUT_POOL = { 'cognito_cutover.pool': 'legacy', 'cognito_cutover.user_pool.id': 'eu-west-1_Legacy' };

function warnings() {
  const warned = vi.spyOn(process, 'emitWarning').mockReturnValue(undefined);
  onTestFinished(() => warned.mockRestore());
  return () => warned.mock.calls.map(([, options]) => (options as { code?: string }).code);
}

describe('instrumentCutover', () => {
  it('counts decisions and times those about tokens', async () => {
    const { announcer, collect } = setUp();
    announcer.accepted(IDENTITY, true, 1);
    announcer.accepted(IDENTITY, true, 1);
    announcer.rejected(new CutoverError('ERR_SIGNATURE_INVALID', 'forged', { pool: 'new' }), 2);
    announcer.refused(new CutoverError('ERR_TOKEN_MISSING', 'none'));
    announcer.anonymous();
    const {
      'cognito_cutover.token.decisions': decisions,
      'cognito_cutover.token.duration': durations,
      ...others
    } = await collect();
    const accepted = {
      ...{ 'cognito_cutover.outcome': 'accepted', ...ABOUT_POOL, 'cognito_cutover.client.id': 'web' },
      ...{ 'cognito_cutover.token.use': 'access', 'cognito_cutover.user_id.source': 'sub' },
    };
    const forged = {
      ...{ 'cognito_cutover.outcome': 'rejected', 'cognito_cutover.pool': 'new' },
      ...{ 'error.type': 'ERR_SIGNATURE_INVALID' },
    };
    expect(decisions).toEqual({
      unit: '{decision}',
      points: [
        { attributes: accepted, value: 2 },
        { attributes: forged, value: 1 },
        { attributes: { 'cognito_cutover.outcome': 'rejected', 'error.type': 'ERR_TOKEN_MISSING' }, value: 1 },
        { attributes: { 'cognito_cutover.outcome': 'anonymous' }, value: 1 },
      ],
    });
    const fromCache = { 'cognito_cutover.outcome': 'accepted', 'cognito_cutover.pool': 'legacy' };
    expect(durations).toEqual({
      unit: 's',
      points: [
        { attributes: { ...fromCache, 'cognito_cutover.token.cached': true }, value: 0.004 },
        { attributes: forged, value: 0.001 },
      ],
    });
    expect(Object.keys(others)).toEqual(['cognito_cutover.legacy.last_seen']);
    expect(JSON.stringify(decisions)).not.toContain('the-sub');
  });

  it('times lookups, and fetches of keys with the age of what they brought', async () => {
    const { clock, announcer, collect } = setUp();
    announcer.asking('eu-west-1_New', () => 'id');
    await Promise.resolve(announcer.asking('eu-west-1_New', () => Promise.reject(new Error('down')))).catch(() => {});
    const of = { pool: 'legacy', userPoolId: 'eu-west-1_Legacy' } as const;
    announcer.keys({ ...of, outcome: 'refreshed', durationMs: 20 });
    await clock.advance(60_000);
    announcer.keys({ ...of, outcome: 'failed', durationMs: 3_000, error: new Error('down') });
    announcer.keys({ pool: 'new', userPoolId: 'eu-west-1_New', outcome: 'failed', durationMs: 500 });
    clock.setWallClock(-86_400_000);
    const all = await collect();
    const newPool = { 'cognito_cutover.user_pool.id': 'eu-west-1_New' };
    expect(all['cognito_cutover.resolver.duration']).toEqual({
      unit: 's',
      points: [
        { attributes: { 'cognito_cutover.outcome': 'found', ...newPool }, value: 0 },
        {
          attributes: {
            ...{ 'cognito_cutover.outcome': 'failed', ...newPool, 'error.type': 'ERR_LEGACY_ID_UNAVAILABLE' },
          },
          value: 0,
        },
      ],
    });
    const failed = { 'error.type': 'ERR_KEYS_UNAVAILABLE' };
    expect(all['cognito_cutover.keys.fetch.duration']).toEqual({
      unit: 's',
      points: [
        { attributes: ABOUT_POOL, value: 0.02 },
        { attributes: { ...ABOUT_POOL, ...failed }, value: 3 },
        { attributes: { 'cognito_cutover.pool': 'new', ...newPool, ...failed }, value: 0.5 },
      ],
    });
    expect(all['cognito_cutover.keys.age']).toEqual({ unit: 's', points: [{ attributes: ABOUT_POOL, value: 60 }] });
  });

  it('says when each client last used a legacy token', async () => {
    const { clock, announcer, collect } = setUp();
    announcer.accepted(IDENTITY, false, 3);
    await clock.advance(5_000);
    announcer.accepted(IDENTITY, true, 3);
    const seconds = clock.now() / 1_000;
    await clock.advance(5_000);
    announcer.accepted({ ...IDENTITY, pool: 'new' }, false, 3);
    announcer.mismatch(IDENTITY);
    announcer.rejected(new CutoverError('ERR_LEGACY_POOL_CLOSED', 'closed', { pool: 'legacy' }), 3);
    expect((await collect())['cognito_cutover.legacy.last_seen']).toEqual({
      unit: 's',
      points: [{ attributes: { ...ABOUT_POOL, 'cognito_cutover.client.id': 'web' }, value: seconds }],
    });
  });

  it('has buckets from microseconds to seconds', async () => {
    const advice: number[][] = [];
    const { meter } = setUp();
    const spied = Object.create(meter, {
      createHistogram: {
        value: (...args: Parameters<Meter['createHistogram']>) => {
          advice.push(args[1]?.advice?.explicitBucketBoundaries ?? []);
          return meter.createHistogram(...args);
        },
      },
    });
    instrumentCutover({ meter: spied }).close();
    expect(advice).toHaveLength(3);
    for (const bounds of advice) expect(bounds).toEqual(bounds.toSorted((one, other) => one - other));
    expect(advice[0]?.[0]).toBeLessThan(0.000_005);
    expect(advice[0]?.at(-1)).toBeGreaterThan(3);
  });

  it('counts once when it is called again with the same meter, and says so', async () => {
    const codes = warnings();
    const { meter, recording, announcer, collect } = setUp();
    expect(instrumentCutover({ meter })).toBe(recording);
    expect(codes()).toEqual(['CUTOVER_INSTRUMENTED_TWICE']);
    announcer.anonymous();
    expect((await collect())['cognito_cutover.token.decisions']?.points).toMatchObject([{ value: 1 }]);
  });

  it('keeps clients of two pools apart, whatever they are called', async () => {
    const { announcer, collect } = setUp();
    announcer.accepted({ ...IDENTITY, userPoolId: 'a', clientId: 'b c' }, false, 3);
    announcer.accepted({ ...IDENTITY, userPoolId: 'a b', clientId: 'c' }, false, 3);
    const seen = (await collect())['cognito_cutover.legacy.last_seen']?.points ?? [];
    expect(seen.map(({ attributes }) => Object.values(attributes))).toEqual([
      ['legacy', 'a', 'b c'],
      ['legacy', 'a b', 'c'],
    ]);
  });

  it('stops when it is closed, and may be started again', async () => {
    const codes = warnings();
    const { meter, recording, announcer, collect } = setUp();
    announcer.accepted(IDENTITY, false, 3);
    recording.close();
    announcer.accepted(IDENTITY, false, 3);
    const closed = await collect();
    expect(closed['cognito_cutover.token.decisions']?.points).toMatchObject([{ value: 1 }]);
    expect(closed['cognito_cutover.legacy.last_seen']).toBeUndefined();
    const again = instrumentCutover({ meter });
    onTestFinished(() => again.close());
    recording.close();
    announcer.accepted(IDENTITY, false, 3);
    expect((await collect())['cognito_cutover.token.decisions']?.points).toMatchObject([{ value: 2 }]);
    expect(instrumentCutover({ meter })).toBe(again);
    expect(codes()).toEqual(['CUTOVER_INSTRUMENTED_TWICE']);
  });

  it('takes the meter of the registered provider, and says so where there is none', async () => {
    const codes = warnings();
    instrumentCutover().close();
    expect(codes()).toEqual(['CUTOVER_METRICS_NOT_RECORDED']);
    vi.stubEnv('OTEL_SDK_DISABLED', 'true');
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    instrumentCutover().close();
    const reader = new OnDemand();
    metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
    onTestFinished(() => metrics.disable());
    const recording = instrumentCutover();
    onTestFinished(() => recording.close());
    new Announcer(undefined, () => 0).anonymous();
    const { resourceMetrics } = await reader.collect();
    expect(resourceMetrics.scopeMetrics).toMatchObject([{ scope: { name: 'cognito-cutover' } }]);
    expect(codes()).toHaveLength(1);
  });

  it('lets no fault of a meter out', () => {
    const { meter, announcer } = setUp();
    const warned = warnings();
    const add = () => {
      throw new Error('full disk');
    };
    const counter = { add };
    const faulty = Object.create(meter, { createCounter: { value: () => counter } });
    const recording = instrumentCutover({ meter: faulty });
    onTestFinished(() => recording.close());
    announcer.anonymous();
    expect(warned()).toEqual([]);
  });

  it.each([
    ['meter', { meter: {} }],
    ['clock', { clock: 5 }],
    ['metre', { metre: undefined }],
  ])('refuses a wrong option: %s', (option, options) => {
    const start = () => instrumentCutover(options as never);
    expect(start).toThrow(ConfigurationError);
    expect(start).toThrow(option);
  });
});

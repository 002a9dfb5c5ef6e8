import type { Meter } from '@opentelemetry/api';

/** Upper bounds in seconds: a token from the cache takes 1 us, an RSA signature 40 us, a fetch of keys up to 3 s. */
const TOKEN_SECONDS = [
  ...[0.000_002_5, 0.000_005, 0.000_01, 0.000_025, 0.000_05, 0.000_1, 0.000_25, 0.000_5],
  ...[0.001, 0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5],
];
const LOOKUP_SECONDS = [0.000_1, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** What is used of a meter. */
export type Instruments = Pick<Meter, 'createCounter' | 'createHistogram' | 'createObservableGauge'>;

/** Everything that is measured, after OpenTelemetry's naming rules. */
export function instrumentsOf(meter: Instruments) {
  const histogram = (name: string, description: string, explicitBucketBoundaries: number[]) =>
    meter.createHistogram(name, { description, unit: 's', advice: { explicitBucketBoundaries } });
  return {
    decisions: meter.createCounter('cognito_cutover.token.decisions', {
      description: 'Decisions about tokens, and about requests without one.',
      unit: '{decision}',
    }),
    tokens: histogram('cognito_cutover.token.duration', 'Time to accept or refuse a token.', TOKEN_SECONDS),
    lookups: histogram('cognito_cutover.resolver.duration', 'Time that legacyId.resolve took.', LOOKUP_SECONDS),
    fetches: histogram('cognito_cutover.keys.fetch.duration', 'Time to fetch the keys of a pool.', LOOKUP_SECONDS),
    age: meter.createObservableGauge('cognito_cutover.keys.age', {
      description: 'Time since the keys of a pool were last fetched successfully.',
      unit: 's',
    }),
    lastSeen: meter.createObservableGauge('cognito_cutover.legacy.last_seen', {
      description: 'When a token of a legacy pool was last accepted, in seconds since the epoch.',
      unit: 's',
    }),
  };
}

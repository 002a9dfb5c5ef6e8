import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { Announcer } from '../src/operate/announcer.js';
import { CHANNELS, type DecisionEvent } from '../src/operate/events.js';
import { instrumentCutover } from '../src/operate/metrics.js';
import { median } from './measure.js';

const CALLS = 100_000;

const IDENTITY = {
  pool: 'legacy',
  userPoolId: 'eu-west-1_Legacy',
  clientId: 'h8vap4yxaaualqocpwwfhdfxm8',
  tokenUse: 'access',
  kind: 'user',
  userIdSource: 'sub',
  expiresAt: 1_800_000_000,
  sub: '0b6a3f0e-5c3e-4a8e-9d7e-111111111111',
} as const;

export interface EventsResult {
  readonly name: string;
  /** Nanoseconds of CPU time that publishing adds to one verification. */
  readonly nanoseconds: number;
}

class Unread extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

/** What the events of one verification cost: everything that a verifier calls for them. */
export async function benchEvents(rounds: number): Promise<readonly EventsResult[]> {
  let heard = 0;
  const listener = (event: unknown) => {
    heard += (event as DecisionEvent).durationMs;
  };
  const quiet = new Announcer(undefined, () => performance.now());
  const told = new Announcer(listener, () => performance.now());
  const contenders: readonly (readonly [string, () => number])[] = [
    ['without a subscriber', () => nanosecondsOf(quiet)],
    [
      'with a subscriber',
      () => {
        subscribe(CHANNELS.decision, listener);
        const sample = nanosecondsOf(quiet);
        unsubscribe(CHANNELS.decision, listener);
        return sample;
      },
    ],
    ['with onEvent', () => nanosecondsOf(told)],
    [
      'recorded as metrics',
      () => {
        const meter = new MeterProvider({ readers: [new Unread()] }).getMeter('bench');
        const recording = instrumentCutover({ meter });
        const sample = nanosecondsOf(quiet);
        recording.close();
        return sample;
      },
    ],
  ];
  const samples = contenders.map((): number[] => []);
  for (let round = -2; round < rounds; round += 1) {
    for (const [index, [, run]] of contenders.entries()) {
      const sample = run();
      if (round >= 0) samples[index]?.push(sample);
    }
  }
  if (heard === 0) throw new Error('the listener was not called');
  return contenders.map(([name], index) => ({ name, nanoseconds: median(samples[index] ?? []) }));
}

/** CPU time, so that other load on the machine does not count; after as many calls for the compiler. */
function nanosecondsOf(announcer: Announcer): number {
  const startedAt = performance.now();
  const run = () => {
    const before = process.cpuUsage();
    for (let call = 0; call < CALLS; call += 1) announcer.accepted(IDENTITY, true, startedAt);
    const { user, system } = process.cpuUsage(before);
    return ((user + system) * 1_000) / CALLS;
  };
  run();
  return run();
}

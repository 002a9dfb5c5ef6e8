import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Announcer, CHANNELS, type DecisionEvent } from '../src/operate/events.js';
import { type Contender, median, timed } from './measure.js';

const CALLS = 200_000;

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
  /** Nanoseconds that publishing adds to one verification. */
  readonly nanoseconds: number;
}

/** What the events of one verification cost: everything that a verifier calls for them, against a loop that calls nothing. */
export async function benchEvents(rounds: number): Promise<readonly EventsResult[]> {
  const quiet = new Announcer(undefined, () => performance.now());
  let heard = 0;
  const listener = (event: unknown) => {
    heard += (event as DecisionEvent).durationMs;
  };
  const told = new Announcer(listener, () => performance.now());
  const startedAt = performance.now();
  const accept = (announcer: Announcer) => () =>
    timed(CALLS, () => {
      announcer.accepted(IDENTITY, true, startedAt);
    });
  const contenders: Contender[] = [
    { name: 'a loop alone', round: () => timed(CALLS, () => {}) },
    { name: 'without a subscriber', round: accept(quiet) },
    {
      name: 'with a subscriber',
      round: async () => {
        subscribe(CHANNELS.decision, listener);
        const sample = await accept(quiet)();
        unsubscribe(CHANNELS.decision, listener);
        return sample;
      },
    },
    { name: 'with onEvent', round: accept(told) },
  ];
  const samples: number[][] = contenders.map(() => []);
  for (let round = -2; round < rounds; round += 1) {
    for (const [index, { round: run }] of contenders.entries()) {
      const sample = await run();
      if (round >= 0) samples[index]?.push(sample);
    }
  }
  if (heard < 0) throw new Error('the listener was not called');
  const base = samples[0] ?? [];
  return contenders.slice(1).map(({ name }, index) => {
    const own = (samples[index + 1] ?? []).map((sample, round) => sample - (base[round] ?? Number.NaN));
    return { name, nanoseconds: median(own) * 1_000 };
  });
}

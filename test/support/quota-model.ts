import { Pace } from '../../src/migrate/calls/pace.js';
import { AutoClock } from '../migrate/support/auto-clock.js';
import { randomFrom } from './cognito-simulator/random.js';

/** Calls per second that Cognito allows an account for changing users, as a bucket that holds one second's worth. */
const QUOTA = 25;

export interface ModelOptions {
  /** What our writer may send in a second. */
  readonly rps: number;
  /** Calls of the account's own users in a second, on average. */
  readonly endUsers: number;
  readonly seconds: number;
  readonly seed?: number;
}

export interface ModelResult {
  /** Ours that got through, per second. */
  readonly written: number;
  /** Shares that were throttled. */
  readonly oursThrottled: number;
  readonly theirsThrottled: number;
}

/** The account's quota, with a writer at our pace beside a Poisson stream of end users, over so much simulated time. */
export async function shareQuota({ rps, endUsers, seconds, seed = 1 }: ModelOptions): Promise<ModelResult> {
  const random = randomFrom(seed);
  const clock = new AutoClock();
  const pace = new Pace(rps, clock);
  const end = seconds * 1000;
  const bucket = { level: QUOTA, at: 0 };
  const admitted = (at: number): boolean => {
    bucket.level = Math.min(QUOTA, bucket.level + ((at - bucket.at) / 1000) * QUOTA);
    bucket.at = at;
    if (bucket.level < 1) return false;
    bucket.level -= 1;
    return true;
  };
  const counts = { ours: 0, oursThrottled: 0, theirs: 0, theirsThrottled: 0 };
  // Their calls need no clock of their own: those that came before one of ours are counted when ours is sent.
  let nextOfTheirs = 0;
  const catchUp = (until: number) => {
    while (nextOfTheirs <= until) {
      counts.theirs += 1;
      if (!admitted(nextOfTheirs)) counts.theirsThrottled += 1;
      nextOfTheirs += (-Math.log(1 - random()) / endUsers) * 1000;
    }
  };
  const write = async () => {
    while (clock.monotonic() < end) {
      await pace.acquire();
      const now = clock.monotonic();
      catchUp(now);
      counts.ours += 1;
      const throttled = !admitted(now);
      if (throttled) counts.oursThrottled += 1;
      await clock.sleep(40 + random() * 110);
      pace.answered(throttled);
      if (throttled) await clock.sleep(250);
    }
  };
  await Promise.all(Array.from({ length: 8 }, write));
  return {
    written: (counts.ours - counts.oursThrottled) / seconds,
    oursThrottled: counts.oursThrottled / counts.ours,
    theirsThrottled: counts.theirsThrottled / counts.theirs,
  };
}

import { PoolKeys } from '../src/verify/keys.js';
import { checkPools } from '../src/verify/pool-options.js';
import { FakeClock, settled } from '../test/support/fake-clock.js';
import { issuerKey } from '../test/support/issuer.js';

/** How often a token comes to each process. */
const EVERY_SECONDS = 5;

/**
 * When a fleet that was started together fetches the keys of one pool, in seconds since its start. Tokens come all the time.
 * `random` is what spreads the refreshes.
 */
export async function keyFetches({
  processes,
  hours,
  random,
}: {
  readonly processes: number;
  readonly hours: number;
  readonly random: () => number;
}): Promise<readonly number[]> {
  const clock = new FakeClock();
  const body = JSON.stringify({ keys: [issuerKey('fleet').jwk] });
  const fetches: number[] = [];
  const settings = {
    fetch: async () => {
      fetches.push(clock.monotonic() / 1000);
      return { status: 200, text: async () => body };
    },
    timeoutMs: 3_000,
    refreshSeconds: 3_600,
    maxStaleSeconds: 86_400,
    cooldownSeconds: 30,
    awaitRefresh: false,
    random,
  };
  const [pool] = checkPools(undefined, { userPoolId: 'eu-west-1_New000000', clientIds: null });
  if (pool === undefined) throw new Error('no pool');
  const times = { now: clock.now, passed: clock.monotonic };
  const fleet = Array.from({ length: processes }, () => new PoolKeys(pool, settings, times, () => {}));
  await Promise.all(fleet.map((keys) => keys.load()));
  for (let second = 0; second < hours * 3600; second += EVERY_SECONDS) {
    clock.freeze(EVERY_SECONDS * 1000);
    const before = fetches.length;
    for (const keys of fleet) keys.usable(clock.monotonic(), true);
    if (fetches.length > before) await settled();
  }
  return fetches;
}

/** The most of these moments that fall within so many seconds. */
export function busiest(moments: readonly number[], seconds: number): number {
  const counts = new Map<number, number>();
  for (const moment of moments) {
    const slot = Math.floor(moment / seconds);
    counts.set(slot, (counts.get(slot) ?? 0) + 1);
  }
  return Math.max(0, ...counts.values());
}

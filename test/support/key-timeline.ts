import { type TestContext, vi } from 'vitest';
import { type CutoverEvent, createCutoverVerifier, type KeyOptions, type VerifierOptions } from '../../src/index.js';
import { createTestPools } from '../../src/testing/index.js';
import { FakeClock } from './fake-clock.js';
import { KeyEndpoint } from './key-endpoint.js';

/** Two pools, an endpoint for each, a verifier of both, and a clock that all of them go by. */
export async function startTimeline(
  context: TestContext,
  keys: KeyOptions = {},
  options: Partial<VerifierOptions> = {},
  clockOf: (clock: FakeClock) => NonNullable<VerifierOptions['clock']> = (clock) => clock,
) {
  const clock = new FakeClock();
  // Refreshes come as late as they may.
  const random = vi.spyOn(Math, 'random').mockReturnValue(0);
  // A token outlives every timeline, so that only keys decide.
  const pools = await createTestPools({ serve: false, now: clock.now });
  const { legacyPool, newPool } = pools;
  const endpoints = new Map(
    [legacyPool, newPool].map((pool) => [pool.userPoolId, new KeyEndpoint(clock, pool.jwks())]),
  );
  const endpointOf = (id: string) => endpoints.get(id)!;
  const events: CutoverEvent[] = [];
  const fetch: KeyOptions['fetch'] = (uri, init) => endpointOf(new URL(uri).pathname.split('/')[1]!).fetch(uri, init);
  const accept = ({ userPoolId, clientId }: typeof newPool) => ({ userPoolId, clientIds: [clientId] });
  const verifier = createCutoverVerifier({
    legacyPool: accept(legacyPool),
    newPool: accept(newPool),
    tokenUse: 'any',
    keys: { fetch, ...keys },
    clock: clockOf(clock),
    onEvent: (event) => events.push(event),
    ...options,
  });
  context.onTestFinished(async () => {
    random.mockRestore();
    verifier.close();
    await pools.close();
  });
  const exp = clock.seconds + 30 * 86_400;
  return {
    clock,
    verifier,
    pool: newPool,
    otherPool: legacyPool,
    endpoint: endpointOf(newPool.userPoolId),
    otherEndpoint: endpointOf(legacyPool.userPoolId),
    /** A token never seen before. */
    token: (pool = newPool) => pool.machineToken({ exp }),
    /** How the keys of the new pool stand. */
    keys: () => verifier.status().find(({ userPoolId }) => userPoolId === newPool.userPoolId)!,
    keyEvents: () =>
      events.flatMap((event) =>
        event.type === 'keys' && event.userPoolId === newPool.userPoolId ? [event.outcome] : [],
      ),
  };
}

import { expect, vi } from 'vitest';
import { createApiGatewayAuthorizer } from '../../../middleware/api-gateway.js';
import { DAY_MS, HOUR_MS } from '../../../src/clock.js';
import { createUserMigrationTrigger } from '../../../src/triggers/user-migration.js';
import { bearer, requestEvent } from '../../middleware/api-gateway-events.js';
import { started } from '../../support/cognito-simulator/testing.js';
import { FakeClock } from '../../support/fake-clock.js';
import { startTimeline } from '../../support/key-timeline.js';
import { LEGACY_POOL, NEW_POOL, PASSWORD, signInEvent } from '../../triggers/support.js';
import { fault } from '../fault.js';

const LEGACY_SUB = '11111111-1111-4111-8111-111111111111';
const MINUTE = 60_000;

/** A function in Lambda: nothing of it runs between two events. */
function inLambda(onTestFinished: (end: () => void) => void) {
  vi.stubEnv('AWS_LAMBDA_FUNCTION_NAME', 'function');
  onTestFinished(() => vi.unstubAllEnvs());
}

/** The authorizer of a REST API: `Allow`, `Deny`, or what it threw. */
function authorizerOf(verifier: Awaited<ReturnType<typeof startTimeline>>['verifier']) {
  const authorize = createApiGatewayAuthorizer({ verifier });
  return (token: string) =>
    authorize(requestEvent({ headers: { Authorization: bearer(token) } })).then(
      ({ policyDocument }) => policyDocument.Statement[0]?.Effect,
      ({ code, message }) => code ?? message,
    );
}

fault(
  'the API Gateway authorizer is frozen for hours between two events, and keys were rotated or withdrawn meanwhile',
  'the first event after the freeze fetches the keys: tokens of the new key are allowed, and those of the withdrawn key are not, although they are cached',
  async (context) => {
    inLambda(context.onTestFinished);
    const { clock, endpoint, pool, token, verifier } = await startTimeline(context);
    const authorize = authorizerOf(verifier);
    const old = token();
    expect(await authorize(old)).toBe('Allow');
    pool.rotateKeys({ keepOld: false });
    endpoint.publish(pool.jwks());
    for (const hours of [2, 24 * 40]) {
      clock.freeze(hours * HOUR_MS);
      const fresh = pool.machineToken({ exp: clock.seconds + 3_600 });
      expect([hours, await authorize(fresh), await authorize(old)]).toEqual([hours, 'Allow', 'Unauthorized']);
    }
    // No timer is left that would fire at the next thaw.
    expect(clock.sleeping).toBe(0);
  },
);

fault(
  'the API Gateway authorizer is frozen between two events, and the key endpoint is down when it goes on',
  'it allows with the keys it has for a day after the last fetch, and throws (503) after that; it recovers with the first event that is a pause later',
  async (context) => {
    inLambda(context.onTestFinished);
    const { clock, endpoint, token, verifier } = await startTimeline(context);
    const authorize = authorizerOf(verifier);
    expect(await authorize(token())).toBe('Allow');
    endpoint.status = 500;
    for (const [hours, expected] of [
      [3, 'Allow'],
      [20, 'Allow'],
      [2, 'ERR_KEYS_UNAVAILABLE'],
      [100, 'ERR_KEYS_UNAVAILABLE'],
    ] as const) {
      clock.freeze(hours * HOUR_MS);
      expect([hours, await authorize(token())]).toEqual([hours, expected]);
    }
    endpoint.status = 200;
    clock.freeze(MINUTE);
    expect(await authorize(token())).toBe('Allow');
  },
);

fault(
  'the clock of the API Gateway authorizer is set back or forward between two events',
  'no expired token is allowed, the end of a policy is that of its token, and no pause is an hour longer',
  async (context) => {
    inLambda(context.onTestFinished);
    const { clock, endpoint, pool, token, verifier } = await startTimeline(context);
    const authorize = createApiGatewayAuthorizer({ verifier });
    const allowedUntil = (one: string) =>
      authorize(requestEvent({ headers: { Authorization: bearer(one) } })).then(
        ({ policyDocument }) => /"aws:CurrentTime":"([^"]+)"/.exec(JSON.stringify(policyDocument))?.[1],
        ({ code, message }) => code ?? message,
      );
    const exp = clock.seconds + 600;
    const short = pool.machineToken({ exp });
    const ends = new Date((exp + 5) * 1_000).toISOString().replace('.000', '');
    expect(await allowedUntil(short)).toBe(ends);
    clock.setWallClock(-4 * MINUTE);
    expect(await allowedUntil(short)).toBe(ends);
    clock.setWallClock(4 * MINUTE);
    clock.freeze(11 * MINUTE);
    expect(await allowedUntil(short)).toBe('Unauthorized');
    // By this clock the token is issued an hour from now.
    clock.setWallClock(-71 * MINUTE);
    expect(await allowedUntil(short)).toBe('Unauthorized');
    clock.setWallClock(71 * MINUTE);

    endpoint.status = 500;
    clock.freeze(2 * DAY_MS);
    expect(await allowedUntil(token())).toBe('ERR_KEYS_UNAVAILABLE');
    endpoint.status = 200;
    clock.setWallClock(-HOUR_MS);
    clock.freeze(MINUTE);
    expect(await allowedUntil(token())).toMatch(/^2026-/);
  },
);

fault(
  'the user migration trigger is frozen for hours between two events, or its clock is set back or forward a day',
  'what it remembers of the pools is asked for again after five minutes of elapsed time, and used for an hour at most while the pool does not answer; no timer is left over between events',
  async () => {
    const anna = {
      username: 'anna',
      sub: LEGACY_SUB,
      password: PASSWORD,
      status: 'RESET_REQUIRED' as const,
      attributes: { email: 'anna@example.com', email_verified: 'true' },
    };
    const { simulator } = await started({
      pools: [
        {
          id: LEGACY_POOL,
          clients: [{ ClientId: 'migration', ExplicitAuthFlows: ['ALLOW_ADMIN_USER_PASSWORD_AUTH'] }],
          users: [anna],
        },
        { id: NEW_POOL, customAttributes: ['legacy_sub'] },
      ],
    });
    const { endpoint, faults, stats } = simulator;
    const clock = new FakeClock();
    const migrate = createUserMigrationTrigger({
      legacyPool: { userPoolId: LEGACY_POOL, clientId: 'migration', endpoint },
      newPool: { endpoint },
      clock,
    });
    // One question to each pool.
    const described = () => stats.of('DescribeUserPool').attempts;
    const move = async () => {
      const before = described();
      const { response } = await migrate(signInEvent('anna'));
      expect(response).toMatchObject({
        finalUserStatus: 'RESET_REQUIRED',
        userAttributes: { 'custom:legacy_sub': LEGACY_SUB },
      });
      expect(clock.sleeping).toBe(0);
      return described() - before;
    };
    expect(await move()).toBe(2);
    expect(await move()).toBe(0);
    for (const step of [-DAY_MS, DAY_MS, DAY_MS, -DAY_MS]) {
      clock.setWallClock(step);
      expect([step, await move()]).toEqual([step, 0]);
    }
    clock.freeze(7 * MINUTE);
    expect(await move()).toBe(2);
    // Frozen, and the new pool refuses to describe itself at the thaw: the last answer serves for an hour.
    faults.set([{ kind: 'error', type: 'AccessDeniedException', pool: NEW_POOL, operations: ['DescribeUserPool'] }]);
    clock.freeze(50 * MINUTE);
    expect(await move()).toBe(2);
    clock.freeze(5 * HOUR_MS);
    await expect(migrate(signInEvent('anna'))).rejects.toMatchObject({ code: 'ERR_NEW_POOL_UNAVAILABLE' });
    faults.set([]);
    expect(await move()).toBe(1);
  },
);

import type { PostConfirmationTriggerEvent } from 'aws-lambda';
import { expect } from 'vitest';
import { createApiGatewayAuthorizer } from '../../../middleware/api-gateway.js';
import { type Clock, systemClock } from '../../../src/clock.js';
import { adminGetUserResolver } from '../../../src/legacy-id/cognito.js';
import { createTestPools } from '../../../src/testing/index.js';
import { createPostConfirmationTrigger } from '../../../src/triggers/post-confirmation.js';
import { createUserMigrationTrigger } from '../../../src/triggers/user-migration.js';
import { createCutoverVerifier } from '../../../src/verify/verifier.js';
import { bearer, requestEvent } from '../../middleware/api-gateway-events.js';
import type { Fault } from '../../support/cognito-simulator/index.js';
import { sdkClient, started } from '../../support/cognito-simulator/testing.js';
import { handOver } from '../../triggers/handover/handover-support.js';
import { eventBase, LEGACY_POOL, NEW_POOL, PASSWORD, signInEvent } from '../../triggers/support.js';
import { fault } from '../fault.js';

const LEGACY_SUB = '11111111-1111-4111-8111-111111111111';
const NEW_SUB = '0f6d3c1a-0000-4000-8000-000000000001';

const OUTAGES: Readonly<Record<string, Fault>> = {
  'answers 429': { kind: 'throttle' },
  'answers 500': { kind: 'internal-error' },
  'resets connections': { kind: 'drop-before' },
  'resets connections after the work': { kind: 'drop-after' },
  'refuses the role': { kind: 'error', type: 'AccessDeniedException', message: 'not authorized' },
  hangs: { kind: 'slow', ms: 1_000 },
};

/** Pauses between attempts pass at once, time limits do not. */
const hurried: Clock = {
  ...systemClock,
  sleep: (ms, signal) => systemClock.sleep(ms <= 1_000 ? 0 : ms, signal),
};

/** A trigger that gives up soon where nothing answers, and otherwise has all the time that a busy machine needs. */
const patience = ({ kind }: Fault) => (kind === 'slow' ? { timeoutMs: 200 } : { clock: hurried });

const hitting = (broken: Fault, pool: string, operation: string): Fault => ({
  ...broken,
  pool,
  operations: [operation],
});

/** The code that it failed with, or what it answered. */
const outcomeOf = (work: Promise<unknown>) =>
  work.then(
    (answer) => answer,
    ({ code, message }) => (code === 'ERR_DEADLINE' ? 'given up' : (code ?? message)),
  );

/** What `unavailable` looks like where nothing answers. */
const expectedOf = ({ kind }: Fault, unavailable: string) => (kind === 'slow' ? 'given up' : unavailable);

const anna = {
  username: 'anna',
  sub: LEGACY_SUB,
  password: PASSWORD,
  attributes: { email: 'anna@example.com', email_verified: 'true' },
};

const bertram = { username: 'bertram', sub: NEW_SUB, attributes: { email: 'bertram@example.com' } };

async function startPools() {
  const { simulator } = await started({
    pools: [
      {
        id: LEGACY_POOL,
        clients: [{ ClientId: 'migration', ExplicitAuthFlows: ['ALLOW_ADMIN_USER_PASSWORD_AUTH'] }],
        users: [anna],
      },
      {
        id: NEW_POOL,
        customAttributes: ['legacy_sub'],
        users: [bertram],
      },
    ],
  });
  return simulator;
}

fault(
  'the legacy pool answers 429 or 500, resets connections, refuses the role, or hangs, while users move at their first sign-in',
  'the sign-in fails with ERR_LEGACY_POOL_UNAVAILABLE or ERR_DEADLINE, never as a wrong password, and a password is not tried twice; afterwards the user is moved with the legacy id',
  async () => {
    const simulator = await startPools();
    const { endpoint, faults, stats } = simulator;
    for (const [name, broken] of Object.entries(OUTAGES)) {
      const migrate = createUserMigrationTrigger({
        legacyPool: { userPoolId: LEGACY_POOL, clientId: 'migration', endpoint },
        newPool: { endpoint },
        ...patience(broken),
      });
      for (const operation of ['AdminGetUser', 'AdminInitiateAuth']) {
        faults.set([hitting(broken, LEGACY_POOL, operation)]);
        const event = signInEvent('anna');
        const before = stats.of('AdminInitiateAuth').attempts;
        const code = await outcomeOf(migrate(event));
        expect([name, operation, code]).toEqual([name, operation, expectedOf(broken, 'ERR_LEGACY_POOL_UNAVAILABLE')]);
        expect(event.response.userAttributes).toEqual({});
        const attempts = stats.of('AdminInitiateAuth').attempts - before;
        // Only a throttled call has surely not been carried out.
        expect(attempts).toBeLessThanOrEqual(broken.kind === 'throttle' ? 3 : 1);
      }
      faults.set([]);
    }
    const migrate = createUserMigrationTrigger({
      legacyPool: { userPoolId: LEGACY_POOL, clientId: 'migration', endpoint },
      newPool: { endpoint },
    });
    const { response } = await migrate(signInEvent('anna'));
    expect(response).toMatchObject({
      finalUserStatus: 'CONFIRMED',
      userAttributes: { 'custom:legacy_sub': LEGACY_SUB },
    });
  },
);

fault(
  'one of the pools answers 429 or 500, resets connections, refuses the role, or hangs, while a sign-up is confirmed',
  'the trigger fails with ERR_…_UNAVAILABLE or ERR_DEADLINE, nobody is stamped as new while the legacy pool cannot be asked, and the repeated trigger stamps the same id',
  async () => {
    const simulator = await startPools();
    const { endpoint, faults } = simulator;
    const event: PostConfirmationTriggerEvent = {
      ...eventBase('PostConfirmation_ConfirmSignUp', 'bertram'),
      triggerSource: 'PostConfirmation_ConfirmSignUp',
      request: { userAttributes: { sub: NEW_SUB, ...bertram.attributes } },
      response: {},
    };
    const stamp = () => simulator.pool(NEW_POOL).user('bertram')?.attributes['custom:legacy_sub'];
    for (const [name, broken] of Object.entries(OUTAGES)) {
      const legacyPool = { userPoolId: LEGACY_POOL, endpoint };
      const confirm = (more: object = {}) =>
        createPostConfirmationTrigger({ legacyPool, newPool: { endpoint }, ...more })(event);
      simulator.pool(NEW_POOL).deleteUser('bertram');
      simulator.pool(NEW_POOL).addUser(bertram);
      faults.set([hitting(broken, LEGACY_POOL, 'ListUsers')]);
      const first = await outcomeOf(confirm(patience(broken)));
      expect([name, first, stamp()]).toEqual([name, expectedOf(broken, 'ERR_LEGACY_POOL_UNAVAILABLE'), undefined]);
      faults.set([hitting(broken, NEW_POOL, 'AdminUpdateUserAttributes')]);
      const second = await outcomeOf(confirm(patience(broken)));
      expect([name, second]).toEqual([name, expectedOf(broken, 'ERR_NEW_POOL_UNAVAILABLE')]);
      faults.set([]);
      await confirm();
      expect([name, stamp()]).toEqual([name, NEW_SUB]);
    }
  },
);

fault(
  'the new pool answers 429 or 500, resets connections, refuses the role, or hangs, while the API Gateway authorizer asks it for a legacy id',
  'the authorizer throws (503, which API Gateway does not cache), never allows another user and never denies; legacy and mapped tokens are allowed meanwhile',
  async ({ onTestFinished }) => {
    const pools = await createTestPools({ serve: false });
    onTestFinished(() => pools.close());
    const { userPoolId } = pools.newPool;
    const [stranger, mapped] = [pools.person({ mapped: false }), pools.person()];
    const attributes = { 'custom:legacy_sub': stranger.userId };
    const users = [{ sub: stranger.new.sub, username: stranger.new.username, attributes }];
    const { simulator } = await started({ pools: [{ id: userPoolId, customAttributes: ['legacy_sub'], users }] });
    const authorizerWith = (guard: object) => {
      const client = sdkClient(simulator.endpoint);
      const resolve = adminGetUserResolver({ userPoolId, client, guard, cache: { ttlSeconds: 0 } });
      const verifier = createCutoverVerifier({
        legacyPool: pools.legacyPool.options,
        newPool: pools.newPool.options,
        tokenUse: 'access',
        legacyId: { resolve },
      });
      const authorize = createApiGatewayAuthorizer({ verifier });
      return (token: string) =>
        outcomeOf(
          authorize(requestEvent({ headers: { Authorization: bearer(token) } })).then(
            ({ context }) => context?.['userId'],
          ),
        );
    };
    for (const [name, broken] of Object.entries(OUTAGES)) {
      simulator.faults.set([broken]);
      const authorized = authorizerWith({ timeoutMs: broken.kind === 'slow' ? 200 : 2_000 });
      for (let turn = 0; turn < 7; turn += 1) {
        const outcome = await authorized(stranger.new.accessToken());
        expect([name, turn, outcome]).toEqual([name, turn, 'ERR_LEGACY_ID_UNAVAILABLE']);
        // After five failures the pool is not asked.
        if (turn === 0 && broken.kind === 'slow') break;
      }
      expect(await authorized(stranger.legacy.accessToken())).toBe(stranger.userId);
      expect(await authorized(mapped.new.accessToken())).toBe(mapped.userId);
    }
    simulator.faults.set([]);
    expect(await authorizerWith({})(stranger.new.accessToken())).toBe(stranger.userId);
  },
);

fault(
  'the legacy pool answers 429 or 500, resets connections, or hangs, while sessions are handed over',
  'the trigger fails with ERR_LEGACY_POOL_UNAVAILABLE and the legacy token is not used up: the same token is right afterwards',
  async () => {
    const quick = await handOver({ clock: hurried });
    const impatient = await handOver({ timeoutMs: 1_000 });
    for (const [name, broken] of Object.entries(OUTAGES)) {
      // The pool is asked with the token alone.
      if (broken.kind === 'error') continue;
      const isSilent = broken.kind === 'slow';
      const { simulator, once, refusals, answer, token } = isSilent ? impatient : quick;
      const one = token();
      const used = once.calls.length;
      simulator.faults.set([{ ...broken, ...(isSilent && { ms: 1_500 }), operations: ['GetUser'] }]);
      const outcome = await outcomeOf(answer(one));
      expect([name, outcome, once.calls.length, refusals]).toEqual([name, 'ERR_LEGACY_POOL_UNAVAILABLE', used, []]);
      simulator.faults.set([]);
      await expect.poll(() => outcomeOf(answer(one)), { message: name }).toBe('right');
    }
  },
);

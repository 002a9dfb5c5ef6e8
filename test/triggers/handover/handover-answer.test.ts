import { describe, expect, it, vi } from 'vitest';
import type { Clock } from '../../../src/clock.js';
import { TriggerError } from '../../../src/triggers/trigger-error.js';
import { scriptedPool } from '../../directory/scripted-pool.js';
import type { UserInput } from '../../support/cognito-simulator/index.js';
import { FakeClock } from '../../support/fake-clock.js';
import { fails, hangs, MemoryPool, NEW_POOL } from '../support.js';
import { ANNA_THERE, handOver, LEGACY_SUB, NEW_SUB, verifyEvent } from './handover-support.js';

const OTHER = '22222222-2222-4222-8222-222222222222';
/** Waits for no pause between attempts. */
const HASTY: Clock = { now: Date.now, sleep: (ms) => (ms < 1_000 ? Promise.resolve() : new Promise(() => {})) };

const user = (attributes: object) => ({ userAttributes: { ...ANNA_THERE, ...attributes } });

describe('the token', () => {
  it.each([
    ['an ID token', ({ legacyPool }) => legacyPool.idToken({ sub: LEGACY_SUB }), 'ERR_TOKEN_USE_NOT_ALLOWED'],
    ['of the new pool', ({ newPool }) => newPool.accessToken({ sub: LEGACY_SUB }), 'ERR_ISSUER_NOT_TRUSTED'],
    [
      'of the new pool, in the name of the legacy one',
      ({ newPool, legacyPool }) => newPool.accessToken({ sub: LEGACY_SUB, iss: legacyPool.issuer }),
      'ERR_KEY_NOT_FOUND',
    ],
    ['of an app client that is not listed', ({ token }) => token({ client_id: 'partner' }), 'ERR_CLIENT_NOT_ALLOWED'],
    ['expired', ({ token }) => token({ exp: Date.now() / 1000 - 60 }), 'ERR_TOKEN_EXPIRED'],
    ['with a prefix', ({ token }) => `Bearer ${token()}`, 'ERR_TOKEN_MALFORMED'],
    ['changed', ({ token }) => `${token().slice(0, -8)}AAAAAAAA`, 'ERR_SIGNATURE_INVALID'],
    ['empty', () => '', 'ERR_TOKEN_MISSING'],
    ['not a string', () => null as never, 'ERR_TOKEN_MISSING'],
  ] as [string, (given: Awaited<ReturnType<typeof handOver>>) => string, string][])(
    'is refused: %s',
    async (_what, make, reason) => {
      const setting = await handOver();
      expect(await setting.answer(make(setting))).toBe('ERR_TOKEN_REFUSED');
      expect(setting.refusals).toMatchObject([{ reason }]);
      expect(setting.simulator.stats.of('GetUser').attempts).toBe(0);
      expect(setting.once.calls).toEqual([]);
    },
  );

  it.each([
    ['of a machine', ({ legacyPool }) => legacyPool.machineToken(), 'ERR_TOKEN_WITHOUT_USER'],
    ['without the scope', ({ token }) => token({ scope: 'openid profile' }), 'ERR_TOKEN_SCOPE_MISSING'],
    ['without any scope', ({ token }) => token({ scope: undefined }), 'ERR_TOKEN_SCOPE_MISSING'],
    ['without an id', ({ token }) => token({ jti: undefined }), 'ERR_TOKEN_ID_MISSING'],
    ['with an empty id', ({ token }) => token({ jti: '' }), 'ERR_TOKEN_ID_MISSING'],
  ] as [string, (given: Awaited<ReturnType<typeof handOver>>) => string, string][])(
    'is refused before the legacy pool is asked: %s',
    async (_what, make, code) => {
      const setting = await handOver();
      expect(await setting.answer(make(setting))).toBe(code);
      expect(setting.simulator.stats.of('GetUser').attempts).toBe(0);
    },
  );

  it('may be of any app client where the options say so', async () => {
    const pools = await handOver();
    const { legacyPool, simulator } = pools;
    const any = { ...legacyPool.options, clientIds: null, endpoint: simulator.endpoint };
    const { triggers } = await handOver({ legacyPool: any });
    const event = verifyEvent(pools.token({ client_id: 'partner' }));
    expect((await triggers.verifyAuthChallengeResponse(event)).response.answerCorrect).toBe(true);
  });
});

describe('the rules of the APIs for legacy tokens', () => {
  const past = new Date(Date.now() - 60_000);

  it.each([
    ['are over', { legacyTokens: { acceptUntil: past } }, 'ERR_LEGACY_POOL_CLOSED'],
    ['count no sign-in so late', { legacyTokens: { acceptSignInsBefore: past } }, 'ERR_LEGACY_POOL_CLOSED'],
    ['say that this one is revoked', { isRevoked: async () => true }, 'ERR_TOKEN_REVOKED'],
  ])('hold here where they are given: they %s', async (_what, options, reason) => {
    const { answer, token, refusals, simulator } = await handOver(options);
    expect(await answer(token({ auth_time: Math.floor(Date.now() / 1000) }))).toBe('ERR_TOKEN_REFUSED');
    expect(refusals).toMatchObject([{ reason }]);
    expect(simulator.stats.of('GetUser').attempts).toBe(0);
  });

  it('refuse, rather than report an outage, once the legacy pool is gone', async () => {
    const { answer, legacyPool } = await handOver({ servesKeys: true, legacyTokens: { acceptUntil: past } });
    legacyPool.outage('error');
    expect(await answer()).toBe('ERR_TOKEN_REFUSED');
  });

  it('decide nothing while it is not known whether the token is revoked', async () => {
    const { answer, once, refusals } = await handOver({ isRevoked: () => Promise.reject(new Error('down')) });
    const unknown = { code: 'ERR_LEGACY_POOL_UNAVAILABLE', reason: 'ERR_REVOCATION_UNAVAILABLE' };
    await expect(answer()).rejects.toMatchObject(unknown);
    expect([once.calls, refusals]).toEqual([[], []]);
  });
});

describe('the sign-in', () => {
  const DAY = 86_400;

  it.each([
    ['a moment ago', 0, 'right'],
    ['almost 30 days ago', 30 * DAY - 60, 'right'],
    ['over 30 days ago', 30 * DAY + 60, 'ERR_SIGN_IN_TOO_OLD'],
    ['in five minutes, as another clock sees it', -290, 'right'],
    ['later than any clock could be wrong', -310, 'ERR_SIGN_IN_TIME_INVALID'],
  ])('was %s', async (_when, age, outcome) => {
    const { answer, token } = await handOver();
    expect(await answer(token({ auth_time: Math.floor(Date.now() / 1000) - age }))).toBe(outcome);
  });

  it('must be known', async () => {
    const { answer, token } = await handOver();
    expect(await answer(token({ auth_time: undefined }))).toBe('ERR_SIGN_IN_TIME_INVALID');
  });

  it('may be as old as the options say', async () => {
    const { answer, token } = await handOver({ maxSignInAgeSeconds: 3600 });
    const signedIn = (age: number) => token({ auth_time: Math.floor(Date.now() / 1000) - age });
    expect(await answer(signedIn(3500))).toBe('right');
    expect(await answer(signedIn(3700))).toBe('ERR_SIGN_IN_TOO_OLD');
  });
});

describe('the legacy pool', () => {
  const refused = (type: string) => ({ kind: 'error', type, operations: ['GetUser'] }) as const;

  it.each([
    'NotAuthorizedException',
    'UserNotFoundException',
    'PasswordResetRequiredException',
    'UserNotConfirmedException',
  ])('ends a session with %s', async (type) => {
    const { answer, once } = await handOver({ simulator: { faults: [refused(type)] } });
    expect(await answer()).toBe('ERR_SESSION_ENDED');
    expect(once.calls).toEqual([]);
  });

  it('ends the session of a user who was deleted', async () => {
    const { answer, token } = await handOver();
    const request = user({ 'custom:legacy_sub': OTHER });
    expect(await answer(token({ sub: OTHER }), request)).toBe('ERR_SESSION_ENDED');
  });

  it('must name the user whom the token names', async () => {
    const { endpoint } = await scriptedPool(() => ({ UserAttributes: [{ Name: 'sub', Value: OTHER }] }));
    const { answer } = await handOver({ legacyEndpoint: endpoint });
    expect(await answer()).toBe('ERR_SESSION_OF_ANOTHER');
  });

  it.each([
    ['throttles', { kind: 'throttle' }],
    ['fails', { kind: 'internal-error' }],
    ['hangs up', { kind: 'drop-before' }],
    ['is behind a firewall', refused('ForbiddenException')],
    ['is gone', refused('ResourceNotFoundException')],
  ] as const)('may be asked again where it %s', async (_what, fault) => {
    const { triggers, token, faults, once, refusals, simulator, answer } = await handOver({
      simulator: { faults: [fault] },
      clock: HASTY,
    });
    const given = token();
    const event = verifyEvent(given);
    await expect(triggers.verifyAuthChallengeResponse(event)).rejects.toMatchObject({
      code: 'ERR_LEGACY_POOL_UNAVAILABLE',
      message: 'The service is currently unavailable. Try again later.',
    });
    expect(event.response.answerCorrect).toBe(false);
    expect(faults).toEqual([expect.objectContaining({ name: 'DirectoryError', operation: 'GetUser' })]);
    expect([once.calls, refusals]).toEqual([[], []]);
    simulator.faults.set([]);
    expect(await answer(given)).toBe('right');
  });

  it('is asked again within the time there is', async () => {
    const { answer, simulator } = await handOver({
      simulator: { faults: [{ kind: 'throttle', times: 1 }] },
      clock: HASTY,
    });
    expect(await answer()).toBe('right');
    expect(simulator.stats.of('GetUser').attempts).toBe(2);
  });

  it('is unavailable where its keys are, which says nothing about the token', async () => {
    const { legacyPool, triggers, token } = await handOver({ servesKeys: true });
    legacyPool.outage('error');
    await expect(triggers.verifyAuthChallengeResponse(verifyEvent(token()))).rejects.toMatchObject({
      code: 'ERR_LEGACY_POOL_UNAVAILABLE',
      reason: 'ERR_KEYS_UNAVAILABLE',
    });
  });
});

describe('the user in the new pool', () => {
  it.each(['CONFIRMED', 'EXTERNAL_PROVIDER'])('may be %s', async (status) => {
    const { answer } = await handOver();
    expect(await answer(undefined, user({ 'cognito:user_status': status }))).toBe('right');
  });

  it.each(['RESET_REQUIRED', 'FORCE_CHANGE_PASSWORD', 'UNCONFIRMED', 'ARCHIVED', 'COMPROMISED', 'UNKNOWN'])(
    'may not be %s',
    async (status) => {
      const { answer, refusals, once } = await handOver();
      expect(await answer(undefined, user({ 'cognito:user_status': status }))).toBe('ERR_USER_STATUS');
      expect(refusals).toMatchObject([{ reason: status }]);
      expect(once.calls).toEqual([]);
    },
  );

  it.each([undefined, 'SOMETHING_NEW', 'anna@example.com'])('may not be of an unknown status: %s', async (status) => {
    const { answer, refusals } = await handOver();
    expect(await answer(undefined, user({ 'cognito:user_status': status }))).toBe('ERR_USER_STATUS');
    expect(refusals).toMatchObject([{ reason: 'unknown' }]);
  });

  it('may be imported where the options say that it is what the status means', async () => {
    const { answer } = await handOver({ statuses: ['CONFIRMED', 'RESET_REQUIRED'] });
    expect(await answer(undefined, user({ 'cognito:user_status': 'RESET_REQUIRED' }))).toBe('right');
    expect(await answer(undefined, user({ 'cognito:user_status': 'EXTERNAL_PROVIDER' }))).toBe('ERR_USER_STATUS');
  });

  it.each([
    ['unknown, as the event says', { userNotFound: true }],
    ['unknown, where the event has nothing else', { userNotFound: true, userAttributes: null }],
    ['one of whom the event has nothing', { userAttributes: null }],
    ['one of whom the event says nothing', { userAttributes: undefined }],
    ['without a sub', user({ sub: undefined })],
  ])('may not be %s', async (_what, request) => {
    const { answer } = await handOver();
    expect(await answer(undefined, request)).toBe('ERR_USER_UNKNOWN');
  });

  it('takes as many questions where there is none', async () => {
    const asked: string[] = [];
    const get = (sub: string) => {
      asked.push(sub);
      return LEGACY_SUB;
    };
    const store = { get };
    const { answer, simulator } = await handOver({ store, asksNewPool: true });
    expect(await answer()).toBe('right');
    expect(await answer(undefined, { userAttributes: {}, userNotFound: true })).toBe('ERR_USER_UNKNOWN');
    expect(asked).toHaveLength(2);
    expect(simulator.stats.of('GetUser').attempts).toBe(2);
    expect(simulator.stats.of('AdminGetUser').attempts).toBe(2);
  });

  it('is asked for by a name that the new pool accepts where there is none', async () => {
    const newPool = new MemoryPool(NEW_POOL);
    const { answer } = await handOver({ newPool });
    expect(await answer(undefined, { userNotFound: true })).toBe('ERR_USER_UNKNOWN');
    expect(newPool.calls).toEqual([`getUser ${LEGACY_SUB}`]);
  });

  it.each([
    ['disabled', { enabled: false }, 'ERR_USER_DISABLED'],
    ['one with a second factor', { mfa: ['SOFTWARE_TOKEN_MFA'] }, 'ERR_SECOND_FACTOR'],
    ['another, who has the name now', { sub: OTHER }, 'ERR_USER_UNKNOWN'],
    ['deleted', { username: 'bert' }, 'ERR_USER_UNKNOWN'],
  ] as [string, Partial<UserInput>, string][])(
    'may not be %s, where the new pool is asked',
    async (_what, newUser, code) => {
      const { answer, once } = await handOver({ newUser, asksNewPool: true });
      expect(await answer()).toBe(code);
      expect(once.calls).toEqual([]);
    },
  );

  it('may have a second factor where the options say so', async () => {
    const newUser: Partial<UserInput> = { mfa: ['SOFTWARE_TOKEN_MFA'] };
    const { answer } = await handOver({ newUser, asksNewPool: true, secondFactor: 'accept' });
    expect(await answer()).toBe('right');
  });

  it('is unavailable with the new pool', async () => {
    const newPool = { getUser: fails(new Error('network')) };
    const { triggers, token, faults } = await handOver({ newPool });
    await expect(triggers.verifyAuthChallengeResponse(verifyEvent(token()))).rejects.toMatchObject({
      code: 'ERR_NEW_POOL_UNAVAILABLE',
    });
    expect(faults).toEqual([expect.objectContaining({ message: 'network' })]);
  });
});

describe('the mapping', () => {
  it.each([
    ['the attribute', {}, 'right'],
    ['the attribute, in capitals', { attribute: LEGACY_SUB.toUpperCase() }, 'right'],
    ['the attribute of another', { attribute: OTHER }, 'ERR_LEGACY_ID_DIFFERS'],
    ['nothing', { attribute: undefined }, 'ERR_LEGACY_ID_MISSING'],
    ['an attribute that cannot be one', { attribute: `${LEGACY_SUB} ` }, 'ERR_LEGACY_ID_MISSING'],
    ['the store', { stored: LEGACY_SUB, attribute: undefined }, 'right'],
    ['the store, against the attribute', { stored: LEGACY_SUB, attribute: OTHER }, 'right'],
    ['the attribute, against the store', { stored: OTHER }, 'ERR_LEGACY_ID_DIFFERS'],
    ['a store that holds something else', { stored: 'admin' }, 'ERR_LEGACY_ID_INVALID'],
  ] as [string, { stored?: string; attribute?: string | undefined }, string][])(
    'is %s',
    async (_what, { stored, ...more }, outcome) => {
      const store = new Map(stored === undefined ? [] : [[NEW_SUB, stored]]);
      const { answer, once } = await handOver({ store });
      const attribute = 'attribute' in more ? more.attribute : LEGACY_SUB;
      expect(await answer(undefined, user({ 'custom:legacy_sub': attribute }))).toBe(outcome);
      expect(once.calls).toHaveLength(outcome === 'right' ? 1 : 0);
    },
  );

  it('is not the attribute where the store alone is trusted', async () => {
    const { answer } = await handOver({ store: new Map(), attribute: null });
    expect(await answer()).toBe('ERR_LEGACY_ID_MISSING');
  });

  it('is never an id of the application that only looks like it', async () => {
    const { answer } = await handOver({ format: null });
    expect(await answer(undefined, user({ 'custom:legacy_sub': '4711' }))).toBe('ERR_LEGACY_ID_DIFFERS');
  });

  it.each([
    ['fails', fails(new Error('network')), 'ERR_LEGACY_ID_UNAVAILABLE'],
    ['answers nonsense', async () => 7 as never, 'ERR_LEGACY_ID_UNAVAILABLE'],
  ])('is unavailable where the store %s, whatever the attribute says', async (_what, get, code) => {
    const { triggers, token, faults } = await handOver({ store: { get } });
    await expect(triggers.verifyAuthChallengeResponse(verifyEvent(token()))).rejects.toMatchObject({ code });
    expect(faults).toHaveLength(1);
  });

  it('is unavailable, and not a wrong answer, where a store of your own runs out of time', async () => {
    const store = { get: fails(new TriggerError('ERR_DEADLINE')) };
    const { triggers, token, refusals } = await handOver({ store });
    const answer = triggers.verifyAuthChallengeResponse(verifyEvent(token()));
    await expect(answer).rejects.toMatchObject({ code: 'ERR_DEADLINE' });
    expect(refusals).toEqual([]);
  });
});

describe('the use of a token', () => {
  it('is possible once', async () => {
    const { answer, token } = await handOver();
    const given = token();
    expect(await answer(given)).toBe('right');
    expect(await answer(given)).toBe('ERR_TOKEN_USED');
    expect(await answer(token())).toBe('right');
  });

  it('is possible once for many who try at the same time', async () => {
    const { triggers, token, refusals } = await handOver();
    const given = token();
    const tries = Array.from({ length: 20 }, () => triggers.verifyAuthChallengeResponse(verifyEvent(given)));
    const right = (await Promise.all(tries)).filter(({ response }) => response.answerCorrect);
    expect(right).toHaveLength(1);
    expect(refusals.map(({ code }) => code)).toEqual(Array(19).fill('ERR_TOKEN_USED'));
  });

  it('is remembered by a hash, until a day after any function accepts the token', async () => {
    const { answer, once, token } = await handOver();
    const exp = Math.floor(Date.now() / 1000) + 600;
    const jti = 'ä"\n'.repeat(1_000);
    await answer(token({ exp, jti }));
    await answer(token({ exp, jti: `${jti}x` }));
    expect(once.calls).toEqual([
      { name: expect.stringMatching(/^handover:[0-9a-f]{64}$/), until: exp + 5 + 86_400 },
      { name: expect.stringMatching(/^handover:[0-9a-f]{64}$/), until: exp + 5 + 86_400 },
    ]);
    expect(once.calls[0]?.name).not.toBe(once.calls[1]?.name);
  });

  it.each([
    ['fails', fails(new Error('network'))],
    ['answers nonsense', async () => 'OK' as never],
    ['answers nothing', async () => undefined as never],
  ])('is refused where the store %s', async (_what, claim) => {
    const { triggers, token, faults } = await handOver({ once: { claim } });
    const event = verifyEvent(token());
    await expect(triggers.verifyAuthChallengeResponse(event)).rejects.toMatchObject({
      code: 'ERR_ONCE_STORE_UNAVAILABLE',
      message: 'The service is currently unavailable. Try again later.',
    });
    expect(event.response.answerCorrect).toBe(false);
    expect(faults).toHaveLength(1);
  });
});

it.each([undefined, {}, { kind: 'captcha' }])(
  'an answer to another challenge is refused: %j',
  async (privateChallengeParameters) => {
    const { answer, once } = await handOver();
    expect(await answer(undefined, { privateChallengeParameters })).toBe('ERR_CHALLENGE_UNEXPECTED');
    expect(once.calls).toEqual([]);
  },
);

describe('time', () => {
  it.each([
    ['the mapping', { store: { get: hangs() } }, 'ERR_LEGACY_ID_UNAVAILABLE', 3_500],
    ['the new pool', { newPool: { getUser: hangs() } }, 'ERR_NEW_POOL_UNAVAILABLE', 3_500],
    ['the once store', { once: { claim: hangs() } }, 'ERR_DEADLINE', 4_000],
  ])('is up where %s does not answer', async (_what, options, code, afterMs) => {
    const clock = new FakeClock(Date.now());
    const { triggers, token, simulator, once } = await handOver({ ...options, clock });
    const answer = triggers.verifyAuthChallengeResponse(verifyEvent(token()));
    const rejected = expect(answer).rejects.toMatchObject({ code });
    await vi.waitFor(() => expect(simulator.stats.of('GetUser').accepted).toBe(1));
    await clock.advance(afterMs);
    await rejected;
    // A token is used up only where the store may have been told.
    expect(once.calls).toEqual([]);
  });

  it('that is kept for the end is left to the once store', async () => {
    const clock = new FakeClock(Date.now());
    let given: AbortSignal | undefined;
    const claim = (_name: string, _until: number, signal?: AbortSignal) => {
      given = signal;
      return new Promise<boolean>(() => {});
    };
    const { triggers, token } = await handOver({ once: { claim }, clock });
    const rejected = expect(triggers.verifyAuthChallengeResponse(verifyEvent(token()))).rejects.toMatchObject({
      code: 'ERR_DEADLINE',
    });
    await vi.waitFor(() => expect(given).toBeDefined());
    await clock.advance(3_999);
    expect(given?.aborted).toBe(false);
    await clock.advance(1);
    await rejected;
    expect(given?.aborted).toBe(true);
  });
});

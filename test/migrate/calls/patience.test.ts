import { describe, expect, it } from 'vitest';
import type { DirectoryError } from '../../../src/directory/user-types.js';
import { Pace } from '../../../src/migrate/calls/pace.js';
import { Patience } from '../../../src/migrate/calls/patience.js';
import { repeated } from '../../../src/migrate/calls/repeated.js';
import { FakeClock } from '../../support/fake-clock.js';
import { AutoClock } from '../support/auto-clock.js';
import { failure } from '../support/fake-directory.js';

const HOUR = 3_600_000;
const expired = () => failure('credentials', 'ListUsers', 'ExpiredTokenException' as 'credentials');
const reset = () => failure('unavailable', 'ListUsers', 'ECONNRESET' as 'unavailable');

/** A run that makes calls one after the other; each is answered by what stands at its time. */
function run(patienceMs?: number) {
  const clock = new AutoClock();
  const start = clock.monotonic();
  const told: (readonly [seconds: number, reason: string | undefined])[] = [];
  const seconds = () => Math.round((clock.monotonic() - start) / 1000);
  const patience = new Patience({
    clock,
    patienceMs,
    onWaiting: (reason) => told.push([seconds(), reason]),
    random: () => 1,
  });
  const pace = new Pace(1000, clock);
  const call = (outcome: (seconds: number) => unknown, signal?: AbortSignal) =>
    repeated(
      async () => {
        const answer = outcome(seconds());
        if (answer instanceof Error) throw answer;
        return answer;
      },
      { clock, pace, patience, signal },
    );
  return { clock, patience, call, told, seconds };
}

describe('the patience of a run', () => {
  it('lasts an hour after the last answer, and tells what it waits for', async () => {
    const { call, told, seconds } = run();
    await call(() => 'an answer');
    await expect(call(reset)).rejects.toMatchObject({ code: 'ERR_UNAVAILABLE' });
    expect(seconds()).toBe(3600);
    expect(told[0]).toEqual([4, 'Cognito: ECONNRESET']);
    expect(told.length).toBeGreaterThan(100);
  });

  it('outlasts 80 seconds without a network, and 55 minutes', async () => {
    const { call, told } = run();
    await call(() => 'an answer');
    for (const outage of [80, 3300]) {
      const until = outage + (told.at(-1)?.[0] ?? 0);
      expect(await call((now) => (now < until ? reset() : 'back'))).toBe('back');
      expect(told.at(-1)![1]).toBeUndefined();
    }
  });

  it('is ten seconds before anything ever answered', async () => {
    const { call, seconds } = run();
    await expect(call(reset)).rejects.toMatchObject({ code: 'ERR_UNAVAILABLE' });
    // What is left of ten seconds is for the process to start and to end.
    expect(seconds()).toBe(9);
  });

  it('is over within ten seconds also where every attempt hangs, and shows each retry', async () => {
    const { clock, patience, told, seconds } = run();
    const timeout = () => Promise.reject(failure('unavailable', 'ListUsers', 'TimeoutError'));
    const how = { clock, pace: new Pace(1000, clock), patience };
    const hanging = repeated(() => clock.sleep(4000).then(timeout), how);
    await expect(hanging).rejects.toMatchObject({ code: 'ERR_UNAVAILABLE' });
    expect(seconds()).toBeLessThan(10);
    expect(told).toEqual([[4, 'no answer from Cognito (TimeoutError), trying again, 5 s left']]);
  });

  it('shows at the start the address that does not answer, and how long it tries', async () => {
    const { call, told } = run();
    const refused = failure('unavailable', 'ListUsers', 'ECONNREFUSED');
    refused.place = {
      ...{ userPoolId: 'new_1', side: 'new', region: undefined, profile: undefined },
      ...{ answered: false, accepted: false },
      ...{ endpoint: 'http://localhost:9229', address: 'http://localhost:9229' },
    };
    await expect(call(() => refused)).rejects.toMatchObject({
      message: 'nothing answers at http://localhost:9229 (ECONNREFUSED): is the endpoint right?',
      fix: 'Check --new-endpoint.',
    });
    expect(told[0]).toEqual([0, 'no answer from http://localhost:9229 (ECONNREFUSED), trying again, 9 s left']);
    expect(told).toHaveLength(6);
  });

  it('is that short also for the address of one pool after another pool has answered', async () => {
    const { call, seconds } = run();
    await call(() => 'an answer');
    const place = {
      ...{ userPoolId: 'new_1', side: 'new', region: undefined, profile: 'nigth' },
      ...{ endpoint: 'http://localhost:9', address: 'http://localhost:9', answered: false, accepted: false },
    } as const;
    const at = (error: DirectoryError) => Object.assign(error, { place });
    await expect(call(() => at(failure('unavailable', 'ListUsers', 'ECONNREFUSED')))).rejects.toMatchObject({
      code: 'ERR_UNAVAILABLE',
    });
    expect(seconds()).toBe(9);
    // A profile without credentials will not get any by waiting, either.
    await expect(call(() => at(expired()))).rejects.toMatchObject({ exception: 'ExpiredTokenException' });
    expect(seconds()).toBe(9);
  });

  it('is there from the beginning where Cognito throttles: it was reached', async () => {
    const { call } = run();
    expect(await call((now) => (now < 60 ? failure('throttled') : 'an answer'))).toBe('an answer');
  });

  it.each([
    [0, 0],
    [90_000, 90],
  ])('of %d ms is kept to', async (patienceMs, after) => {
    const { call, seconds } = run(patienceMs);
    await call(() => 'an answer');
    await expect(call(reset)).rejects.toMatchObject({ code: 'ERR_UNAVAILABLE' });
    expect(seconds()).toBe(after);
  });

  it('of nothing still outlasts throttling', async () => {
    const { call } = run(0);
    expect(await call((now) => (now < 30 ? failure('throttled') : 'an answer'))).toBe('an answer');
  });

  it('does not count the hours in which nothing was sent', async () => {
    const { call, clock } = run(60_000);
    await call(() => 'an answer');
    await clock.sleep(8 * HOUR);
    let failures = 3;
    expect(await call(() => (failures-- > 0 ? reset() : 'back'))).toBe('back');
    await clock.sleep(8 * HOUR);
    // The failures of before were no answer, and are long ago.
    const stop = new AbortController();
    const stopped = call(() => {
      failures -= 1;
      if (failures < -3) stop.abort(new Error('stopped'));
      return reset();
    }, stop.signal);
    await expect(stopped).rejects.toThrow('stopped');
    await clock.sleep(8 * HOUR);
    failures = 3;
    expect(await call(() => (failures-- > 0 ? reset() : 'back'))).toBe('back');
  });

  it('is measured in time that passed, not by a wall clock that is set', async () => {
    const { call, clock } = run();
    await call(() => 'an answer');
    let failures = 5;
    const answer = call(() => {
      clock.setWallClock(12 * HOUR);
      return failures-- > 0 ? reset() : 'back';
    });
    expect(await answer).toBe('back');
  });

  it('ends for a call that fails alone while others are answered', async () => {
    const { call, clock, seconds } = run(120_000);
    const alone = call(() => reset()).catch((error: unknown) => error);
    const others = (async () => {
      while (seconds() < 200) {
        await call(() => 'an answer');
        await clock.sleep(1000);
      }
    })();
    expect(await alone).toMatchObject({ code: 'ERR_UNAVAILABLE' });
    expect(seconds()).toBeLessThan(130);
    await others;
  });

  it('waits for credentials that were good and have expired', async () => {
    const { call, told } = run();
    await call(() => 'an answer');
    expect(await call((now) => (now < 1800 ? expired() : 'renewed'))).toBe('renewed');
    expect(told[0]![1]).toMatch(/^the credentials have expired \(ExpiredTokenException\): renew them/);
  });

  it('gives up credentials that nobody renewed, and says so', async () => {
    const { call, seconds } = run();
    await call(() => 'an answer');
    await expect(call(expired)).rejects.toMatchObject({
      code: 'ERR_CREDENTIALS',
      fix: expect.stringContaining('Renew the credentials'),
    });
    expect(seconds()).toBe(3600);
  });

  it.each([
    ['expired credentials, where nothing was answered before', expired(), false],
    [
      'a permission that is missing',
      failure('credentials', 'ListUsers', 'AccessDeniedException' as 'credentials'),
      true,
    ],
  ])('is not for %s', async (_, error, answeredBefore) => {
    const { call, seconds } = run();
    if (answeredBefore) await call(() => 'an answer');
    await expect(call(() => error)).rejects.toBe(error);
    expect(seconds()).toBe(0);
  });

  it('says after a minute that a call hangs, and that it continues', async () => {
    const clock = new FakeClock();
    const told: (string | undefined)[] = [];
    const patience = new Patience({ clock, onWaiting: (reason) => told.push(reason) });
    let answer = (_: string) => {};
    const hanging = patience.watch(() => new Promise<string>((resolve) => (answer = resolve)));
    await clock.advance(59_999);
    expect(told).toEqual([]);
    await clock.advance(60_001);
    expect(told).toEqual(['no answer from Cognito for 60 s', 'no answer from Cognito for 60 s']);
    answer('late');
    expect(await hanging).toBe('late');
    expect(told.at(-1)).toBeUndefined();
    await clock.advance(0);
    expect(clock.sleeping).toBe(0);
  });
});

describe('what counts as an answer', () => {
  it.each([
    ['a refusal', failure('user-not-found'), 60],
    ['no error of a pool', new Error('a fault'), 9],
    ['credentials that are refused', failure('credentials'), 9],
  ])('%s: patience of %$ s afterwards', async (_, error, after) => {
    const { call, seconds } = run(60_000);
    await expect(call(() => error)).rejects.toBe(error);
    await expect(call(reset)).rejects.toMatchObject({ code: 'ERR_UNAVAILABLE' });
    expect(seconds()).toBe(after);
  });

  it('a throttled call, for the failures that follow it', async () => {
    const { call, told } = run();
    const outcome = (now: number) => (now < 5 ? failure('throttled') : now < 60 ? reset() : 'an answer');
    expect(await call(outcome)).toBe('an answer');
    expect(told[0]).toEqual([3, 'Cognito: throttled']);
  });

  it('an answer is not told where nothing was told to wait for', async () => {
    const { call, told } = run();
    await call(() => 'one');
    await call(() => 'two');
    expect(told).toEqual([]);
  });
});

describe('the pauses of a call', () => {
  function begun(random = 1) {
    const clock = new FakeClock();
    const told: (string | undefined)[] = [];
    const patience = new Patience({ clock, onWaiting: (reason) => told.push(reason), random: () => random });
    return { clock, told, patience };
  }

  it('are none after an error that another attempt does not mend', async () => {
    const { patience } = begun();
    await patience.watch(async () => 'an answer');
    const trouble = patience.trouble();
    const alike = Object.assign(new Error('alike'), { kind: 'credentials', exception: 'ExpiredTokenException' });
    for (const error of [new Error('a fault'), alike, failure('invalid')]) {
      expect(patience.mayPass(error)).toBe(false);
      expect(trouble.pauseAfter(error)).toBeUndefined();
    }
    expect(trouble.failures).toBe(0);
  });

  it.each([
    [0, 125],
    [0.5, 187.5],
    [1, 250],
  ])('are spread at random: %d begins with %d ms', async (random, pause) => {
    const { patience } = begun(random);
    await patience.watch(async () => 'an answer');
    expect(patience.trouble().pauseAfter(reset())).toBe(pause);
  });

  it('end at the twelfth answer that does not fit the API', async () => {
    const { call, seconds } = run();
    await call(() => 'an answer');
    await expect(call(() => failure('answer'))).rejects.toMatchObject({ code: 'ERR_UNAVAILABLE' });
    expect(seconds()).toBe(112);
  });

  it.each([
    ['shown after three seconds of failures', [0, 2999, 1], [0, 0, 1]],
    ['of one streak when they are two minutes apart', [0, 120_000], [0, 1]],
    ['of another streak when they are further apart', [0, 120_001], [0, 0]],
  ])('are %s', async (_, steps, shown) => {
    const { clock, told, patience } = begun();
    await clock.advance(10_000);
    await patience.watch(async () => 'an answer');
    const trouble = patience.trouble();
    for (const [index, step] of steps.entries()) {
      await clock.advance(step);
      trouble.pauseAfter(reset());
      expect(told).toHaveLength(shown[index] as number);
    }
  });

  it('tell of credentials that cannot be fetched', () => {
    const { told, patience } = begun();
    const error = failure('unavailable', 'ListUsers', 'ENOTFOUND');
    error.place = {
      ...{ userPoolId: 'new_1', side: 'new', region: 'eu-west-1', profile: undefined, endpoint: undefined },
      ...{ address: '', answered: false, accepted: false },
    };
    patience.trouble().pauseAfter(error);
    expect(told).toEqual(['the credentials cannot be fetched (ENOTFOUND), trying again, 9 s left']);
  });
});

describe('calls that hang', () => {
  it('are told of once for all, counted from the last that ended', async () => {
    const clock = new FakeClock();
    const told: (string | undefined)[] = [];
    const patience = new Patience({ clock, onWaiting: (reason) => told.push(reason) });
    const first = patience.watch(() => clock.sleep(10_000));
    void patience.watch(() => new Promise<never>(() => {}));
    await clock.advance(0);
    expect(clock.sleeping).toBe(2);
    await clock.advance(10_000);
    await first;
    told.length = 0;
    await clock.advance(59_999);
    expect(told).toEqual([]);
    await clock.advance(1);
    expect(told).toEqual(['no answer from Cognito for 60 s']);
  });

  it('are not looked at where nobody is told', async () => {
    const clock = new FakeClock();
    void Patience.ofOneCall(clock).watch(() => new Promise<never>(() => {}));
    await clock.advance(0);
    expect(clock.sleeping).toBe(0);
  });
});

it('is for failures of the directory alone', async () => {
  const { patience, call } = run();
  await call(() => 'an answer');
  const alike = Object.assign(new Error('expired'), { kind: 'credentials', exception: 'ExpiredTokenException' });
  expect([patience.mayPass(expired()), patience.mayPass(alike), patience.mayPass(undefined)]).toEqual([
    true,
    false,
    false,
  ]);
});

it('says nothing at once of a pool that is throttled at its first call', () => {
  const { patience, told } = run();
  const place = { answered: false };
  const throttled = Object.assign(failure('throttled', 'ListUsers'), { place });
  expect(patience.trouble().pauseAfter(throttled)).toBeGreaterThan(0);
  expect(told).toEqual([]);
});

import { describe, expect, it } from 'vitest';
import { Pace } from '../../../src/migrate/calls/pace.js';
import { asMigrationError, interruptedOr, repeated } from '../../../src/migrate/calls/repeated.js';
import { MigrationError } from '../../../src/migrate/migration-error.js';
import { AutoClock } from '../support/auto-clock.js';
import { failure } from '../support/fake-directory.js';

function call(outcomes: (attempt: number) => unknown, signal?: AbortSignal) {
  const clock = new AutoClock();
  const counts = { attempts: 0, throttled: 0 };
  const times: number[] = [];
  const answer = repeated(
    async () => {
      times.push(clock.now());
      const outcome = outcomes(times.length);
      if (outcome instanceof Error) throw outcome;
      return outcome;
    },
    { clock, pace: new Pace(1000, clock), signal, counts, random: () => 1 },
  );
  return { answer, counts, times, clock };
}

describe('a repeated call', () => {
  it('is sent until it is answered, with pauses that double up to 20 s, all of it counted', async () => {
    const { answer, counts, times } = call((attempt) => (attempt < 10 ? failure('unavailable') : 'done'));
    expect(await answer).toBe('done');
    expect(counts).toEqual({ attempts: 10, throttled: 0 });
    const pauses = times.slice(1).map((time, i) => time - times[i]!);
    expect(pauses).toEqual([250, 500, 1000, 2000, 4000, 8000, 16_000, 20_000, 20_000]);
  });

  it.each(['throttled', 'unavailable', 'answer'] as const)('is given up after minutes of %s', async (kind) => {
    const { answer, times } = call(() => failure(kind));
    await expect(answer).rejects.toMatchObject({ code: 'ERR_UNAVAILABLE', fix: expect.stringContaining('again') });
    expect(times.at(-1)! - times[0]!).toBeGreaterThanOrEqual(100_000);
    expect(times.at(-1)! - times[0]!).toBeLessThanOrEqual(121_000);
  });

  it.each(['credentials', 'token', 'user-not-found', 'invalid', 'refused'] as const)(
    'is not repeated for %s',
    async (kind) => {
      const { answer, counts } = call(() => failure(kind));
      await expect(answer).rejects.toMatchObject({ kind });
      expect(counts.attempts).toBe(1);
    },
  );

  it('stops waiting when the signal aborts', async () => {
    const controller = new AbortController();
    const { answer } = call((attempt) => {
      if (attempt === 3) controller.abort(new Error('stop'));
      return failure('unavailable');
    }, controller.signal);
    await expect(answer).rejects.toThrow('stop');
  });
});

describe('a failed call becomes', () => {
  it.each([
    ['credentials', 'ERR_CREDENTIALS', 'cognito-idp:ListUsers'],
    ['throttled', 'ERR_UNAVAILABLE', 'again'],
    ['unavailable', 'ERR_UNAVAILABLE', 'again'],
    ['answer', 'ERR_UNAVAILABLE', 'again'],
  ] as const)('%s -> %s, with what to do', (kind, code, fix) => {
    expect(asMigrationError(failure(kind))).toMatchObject({ code, fix: expect.stringContaining(fix) });
  });

  it.each(['refused', 'token', 'invalid'] as const)('%s -> ERR_POOL', (kind) => {
    expect(asMigrationError(failure(kind))).toMatchObject({ code: 'ERR_POOL' });
  });

  it('a missing Region -> a word about the option', () => {
    const missing = failure('credentials', 'ListUsers', 'RegionMissing' as 'credentials');
    expect(asMigrationError(missing)).toMatchObject({ fix: expect.stringContaining('--legacy-region') });
  });

  it('a permission of CloudWatch for the one call to it', () => {
    const refused = asMigrationError(failure('credentials', 'GetMetricData'));
    expect(refused).toMatchObject({ fix: expect.stringContaining('the permission cloudwatch:GetMetricData.') });
  });

  it('an error with its cause, and with a fix where one is known', () => {
    const refused = failure('refused', 'ListUsers', 'RegionMissing');
    expect(asMigrationError(refused)).toMatchObject({ code: 'ERR_POOL', cause: refused, fix: undefined });
    const missing = failure('refused', 'ListUsers', 'ResourceNotFoundException');
    missing.place = {
      ...{ userPoolId: 'eu-west-1_Old', side: 'legacy', region: 'eu-west-1', profile: undefined, endpoint: undefined },
      ...{ address: 'https://cognito-idp.eu-west-1.amazonaws.com', answered: true, accepted: true },
    };
    expect(asMigrationError(missing)).toMatchObject({
      cause: missing,
      fix: 'Check --legacy-pool, --legacy-profile and --legacy-region.',
    });
  });

  it('itself, where it is not of a pool', () => {
    const other = Object.assign(new Error('other'), { kind: 'throttled' });
    expect(asMigrationError(other)).toBe(other);
  });

  it('an interruption, where the signal aborted, and nothing else went wrong first', () => {
    const aborted = AbortSignal.abort(new Error('stop'));
    expect(interruptedOr(aborted.reason, aborted)).toMatchObject({
      code: 'ERR_INTERRUPTED',
      fix: 'What is done is recorded. Run the same command again to continue.',
      cause: aborted.reason,
    });
    const earlier = new MigrationError('ERR_POOL', 'gone');
    expect(interruptedOr(earlier, aborted)).toBe(earlier);
    const other = new Error('other');
    expect(interruptedOr(other, undefined)).toBe(other);
  });
});

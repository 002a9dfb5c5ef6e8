import { describe, expect, it } from 'vitest';
import { type DrainRun, drainVerdict } from './drain-model.js';

const RULES = { windowMs: 10_000, unseenMs: 0, flushMs: 1_000, silentMs: 3_000, slackMs: 500 };
const quiet: DrainRun = { startedAt: 0, readyAt: 1_000, tokens: [] };
const verdict = (runs: readonly DrainRun[], at: number, expected = 1) =>
  drainVerdict(
    new Map([
      ['api-1', runs],
      ['api-2', [quiet]],
    ]),
    RULES,
    { expected, from: at, until: at },
  );

describe('what the scripted cutover expects of drain', () => {
  it.each([
    ['no before the window has passed since the start', [quiet], 9_999, false],
    ['yes after it', [quiet], 12_501, true],
    ['no while a token may be renewed', [{ ...quiet, tokens: [{ at: 20_000, expiresAt: 26_000 }] }], 35_999, false],
    ['yes after that', [{ ...quiet, tokens: [{ at: 20_000, expiresAt: 26_000 }] }], 37_501, true],
    [
      'either where the token may be lost',
      [
        { ...quiet, endedAt: 20_100, ending: 'SIGKILL', tokens: [{ at: 20_000, expiresAt: 26_000 }] },
        { ...quiet, startedAt: 21_000, readyAt: 21_500 },
      ],
      35_000,
      'either',
    ],
    [
      'no before the window has passed since an instance is back',
      [
        { ...quiet, endedAt: 50_000, ending: 'SIGKILL' },
        { ...quiet, startedAt: 60_000, readyAt: 60_500 },
      ],
      69_999,
      false,
    ],
    [
      'yes where an instance said goodbye',
      [
        { ...quiet, endedAt: 50_000, ending: 'SIGTERM' },
        { ...quiet, startedAt: 60_000, readyAt: 60_500 },
      ],
      61_000,
      true,
    ],
  ] satisfies [string, DrainRun[], number, boolean | 'either'][])('is %s', (_, runs, at, safe) => {
    expect(verdict(runs, at)).toMatchObject({ safe, missing: [] });
  });

  it('is no while fewer count than have to', () => {
    const ended: DrainRun = { ...quiet, endedAt: 50_000, ending: 'SIGTERM' };
    expect(verdict([ended], 70_000).safe).toBe(true);
    expect(verdict([ended], 70_000, 2).safe).toBe(false);
  });

  it('is no while an instance is missing, and names it', () => {
    const killed: DrainRun = { ...quiet, endedAt: 50_000, ending: 'SIGKILL' };
    expect(verdict([killed], 53_000)).toMatchObject({ safe: 'either', missing: [] });
    expect(verdict([killed], 53_501)).toMatchObject({ safe: false, missing: ['api-1'] });
  });
});

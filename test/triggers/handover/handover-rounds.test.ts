import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextStep } from '../../../src/triggers/handover/handover-rounds.js';
import { amount } from '../../support/amount.js';
import { ROUND } from './handover-support.js';

const wrong = { ...ROUND, challengeResult: false } as const;
const foreign = { ...ROUND, challengeMetadata: 'captcha' } as const;
const password = { challengeName: 'PASSWORD_VERIFIER', challengeResult: true } as const;

describe('the step after', () => {
  it.each([
    ['nothing', [], 'challenge'],
    ['a right answer', [ROUND], 'issue-tokens'],
    ['a wrong answer', [wrong], 'fail'],
    ['an answer whose result is no boolean', [{ ...ROUND, challengeResult: 'false' }], 'fail'],
    ['a right answer to the challenge of somebody else', [foreign], 'fail'],
    ['a right answer to a challenge without a name', [{ ...ROUND, challengeMetadata: undefined }], 'fail'],
    ['a password', [password], 'fail'],
    ['the start of a password flow', [{ challengeName: 'SRP_A', challengeResult: true }], 'fail'],
    ['our metadata on another challenge', [{ ...ROUND, challengeName: 'PASSWORD_VERIFIER' }], 'fail'],
    ['a wrong and a right answer', [wrong, ROUND], 'fail'],
    ['a right answer twice', [ROUND, ROUND], 'fail'],
    ['a password and a right answer', [password, ROUND], 'fail'],
    ['a right answer and a second factor', [ROUND, { challengeName: 'SMS_MFA', challengeResult: true }], 'fail'],
    ['a session that is not a list', undefined, 'fail'],
    ['a round that is not there', [null], 'fail'],
  ])('%s', (_what, session, step) => {
    expect(nextStep({ session } as never)).toBe(step);
  });

  it('of an unknown user is the same challenge, and never tokens', () => {
    expect(nextStep({ session: [], userNotFound: true })).toBe('challenge');
    expect(nextStep({ session: [ROUND], userNotFound: true })).toBe('fail');
    expect(nextStep({ session: [wrong], userNotFound: true })).toBe('fail');
  });
});

it('tokens are issued after exactly one verified answer, whatever a session holds', () => {
  const round = fc.record({
    challengeName: fc.constantFrom('CUSTOM_CHALLENGE', 'PASSWORD_VERIFIER', 'SMS_MFA', 'SRP_A', 'DEVICE_SRP_AUTH'),
    challengeResult: fc.constantFrom<unknown>(true, false, 'true', 1, undefined, null),
    challengeMetadata: fc.constantFrom<unknown>('legacy-session', 'LEGACY-SESSION', 'other', '', undefined, true),
  });
  const ours = fc.constant(ROUND);
  const session = fc.array(fc.oneof(round, ours, fc.constantFrom<unknown>(null, undefined, 'x', 7)), { maxLength: 4 });
  fc.assert(
    fc.property(session, fc.constantFrom<unknown>(undefined, true, false), (rounds, userNotFound) => {
      const step = nextStep({ session: rounds, userNotFound } as never);
      const isVerified = JSON.stringify(rounds) === JSON.stringify([ROUND]) && userNotFound !== true;
      expect(step === 'issue-tokens').toBe(isVerified);
      expect(step === 'challenge').toBe(rounds.length === 0);
    }),
    { numRuns: amount(300, 20_000) },
  );
});

import { expect, it } from 'vitest';
import { createEvent, defineEvent, handOver, verifyEvent } from './handover-support.js';

it('hands a session over: one challenge, one right answer, tokens', async () => {
  const { triggers, token, refusals } = await handOver();
  const first = await triggers.defineAuthChallenge(defineEvent([]));
  expect(first.response).toEqual({ challengeName: 'CUSTOM_CHALLENGE', issueTokens: false, failAuthentication: false });
  const { response: created } = await triggers.createAuthChallenge(createEvent());
  expect(created).toEqual({
    publicChallengeParameters: { kind: 'legacy-session' },
    privateChallengeParameters: { kind: 'legacy-session' },
    challengeMetadata: 'legacy-session',
  });
  const { response: verified } = await triggers.verifyAuthChallengeResponse(verifyEvent(token()));
  expect(verified).toEqual({ answerCorrect: true });
  const round = { challengeName: 'CUSTOM_CHALLENGE', challengeResult: true, challengeMetadata: 'legacy-session' } as const;
  const last = await triggers.defineAuthChallenge(defineEvent([round]));
  expect(last.response).toEqual({ issueTokens: true, failAuthentication: false });
  expect(refusals).toEqual([]);
});

import type { CustomChallengeResult } from 'aws-lambda/trigger/cognito-user-pool-trigger/_common.js';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { amount } from '../../support/amount.js';
import { createEvent, defineEvent, handOver, verifyEvent } from './handover-support.js';

/** What an app may answer; tokens by number, so that some are used again. */
const answers = fc.constantFrom('token 0', 'token 1', 'token 2', 'of another', 'an ID token', 'nonsense');
const sessions = fc.array(
  fc.record({ answers: fc.array(answers, { maxLength: 3 }), userNotFound: fc.constantFrom(undefined, true) }),
  { maxLength: 8 },
);

it('issues tokens for exactly one verified answer, whatever apps try one after the other', async () => {
  const { triggers, legacyPool, token } = await handOver();
  const { handler } = triggers;

  /** As Cognito goes through the triggers, until there are tokens, a failure, or no further answer. */
  const session = async (given: readonly string[], userNotFound: true | undefined): Promise<boolean> => {
    const rounds: CustomChallengeResult[] = [];
    for (const answer of [...given, undefined]) {
      const { response } = await handler(defineEvent(rounds, { userNotFound }));
      expect(response.issueTokens && response.failAuthentication).toBe(false);
      if (response.issueTokens || response.failAuthentication) return response.issueTokens;
      if (answer === undefined) return false;
      const { challengeMetadata, privateChallengeParameters } = (await handler(createEvent())).response;
      const request = { privateChallengeParameters, userNotFound };
      const { answerCorrect } = (await handler(verifyEvent(answer, request))).response;
      rounds.push({ challengeName: 'CUSTOM_CHALLENGE', challengeResult: answerCorrect, challengeMetadata });
    }
    return false;
  };

  const run = fc.asyncProperty(sessions, async (tries) => {
    const texts: Record<string, string> = {
      'token 0': token(),
      'token 1': token(),
      'token 2': token(),
      'of another': legacyPool.accessToken({ sub: '22222222-2222-4222-8222-222222222222' }),
      'an ID token': legacyPool.idToken({ sub: '11111111-1111-4111-8111-111111111111' }),
    };
    const unused = new Set(['token 0', 'token 1', 'token 2']);
    for (const { answers: given, userNotFound } of tries) {
      const tokens = await session(
        given.map((answer) => texts[answer] ?? answer),
        userNotFound,
      );
      // The first answer of a session decides; a session of an unknown user uses nothing up.
      const [first = ''] = given;
      expect(tokens).toBe(userNotFound !== true && unused.delete(first));
    }
  });
  await fc.assert(run, { numRuns: amount(15, 1_000) });
});

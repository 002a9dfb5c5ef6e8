import type {
  CreateAuthChallengeTriggerHandler,
  DefineAuthChallengeTriggerHandler,
  VerifyAuthChallengeResponseTriggerHandler,
} from 'aws-lambda';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { HandoverEvent } from '../../../src/triggers/handover/session-handover.js';
import { ANNA_THERE, CLIENT, createEvent, defineEvent, handOver, ROUND, verifyEvent } from './handover-support.js';

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
  const last = await triggers.defineAuthChallenge(defineEvent([ROUND]));
  expect(last.response).toEqual({ issueTokens: true, failAuthentication: false });
  expect(refusals).toEqual([]);
});

it('fits the handlers of Lambda, as one function or as three', async () => {
  const { triggers, token } = await handOver();
  const define: DefineAuthChallengeTriggerHandler = triggers.defineAuthChallenge;
  const create: CreateAuthChallengeTriggerHandler = triggers.createAuthChallenge;
  const verify: VerifyAuthChallengeResponseTriggerHandler = triggers.verifyAuthChallengeResponse;
  expect([define, create, verify].map((one) => typeof one)).toEqual(['function', 'function', 'function']);
  const { handler } = triggers;
  expect((await handler(defineEvent([]))).response).toMatchObject({ challengeName: 'CUSTOM_CHALLENGE' });
  expect((await handler(createEvent())).response).toMatchObject({ challengeMetadata: 'legacy-session' });
  expect((await handler(verifyEvent(token()))).response).toEqual({ answerCorrect: true });
});

describe('a refusal', () => {
  it('is an answer that is not correct, whatever the event had before, and is never thrown', async () => {
    const { triggers } = await handOver();
    const event = verifyEvent('no token');
    expect(event.response.answerCorrect).toBe(true);
    expect(await triggers.verifyAuthChallengeResponse(event)).toMatchObject({ response: { answerCorrect: false } });
  });

  it('is told inside, without the token and without anything of the user', async () => {
    const { triggers, token, refusals } = await handOver();
    const given = token({ token_use: 'id' });
    await triggers.verifyAuthChallengeResponse(verifyEvent(given));
    expect(refusals).toEqual([
      {
        code: 'ERR_TOKEN_REFUSED',
        reason: 'ERR_TOKEN_USE_NOT_ALLOWED',
        userPoolId: 'eu-west-1_New456789',
        clientId: CLIENT,
      },
    ]);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('listener');
      },
    ],
    ['rejects', async () => Promise.reject(new Error('listener'))],
  ])('stays one where the listener %s', async (_how, onRefused) => {
    const { triggers } = await handOver({ onRefused });
    const { response } = await triggers.verifyAuthChallengeResponse(verifyEvent('no token'));
    expect(response).toEqual({ answerCorrect: false });
  });

  it('of the challenge issues no tokens and poses no further one, whatever the event had before', async () => {
    const { triggers } = await handOver();
    const event = defineEvent([{ ...ROUND, challengeResult: false }]);
    event.response = { challengeName: 'CUSTOM_CHALLENGE', issueTokens: true, failAuthentication: false };
    const { response } = await triggers.defineAuthChallenge(event);
    expect(response).toEqual({ issueTokens: false, failAuthentication: true });
  });
});

describe('app clients', () => {
  const clientIds = ['another'];
  const own = () => {
    const noted: string[] = [];
    const note = (name: string) => async (event: HandoverEvent, context: unknown) => {
      noted.push(`${name} ${context}`);
      return { ...event, response: { own: name } };
    };
    const otherwise = {
      defineAuthChallenge: note('define'),
      createAuthChallenge: note('create'),
      verifyAuthChallengeResponse: note('verify'),
    };
    return { otherwise, noted };
  };

  it('that are not listed get nothing', async () => {
    const { triggers, token, refusals, once } = await handOver({ clientIds });
    expect((await triggers.defineAuthChallenge(defineEvent([]))).response.failAuthentication).toBe(true);
    expect((await triggers.defineAuthChallenge(defineEvent([ROUND]))).response.issueTokens).toBe(false);
    await expect(triggers.createAuthChallenge(createEvent())).rejects.toMatchObject({ code: 'ERR_EVENT_UNEXPECTED' });
    expect((await triggers.verifyAuthChallengeResponse(verifyEvent(token()))).response.answerCorrect).toBe(false);
    expect(refusals.map(({ code }) => code)).toEqual(Array(3).fill('ERR_CLIENT_NOT_ALLOWED'));
    expect(once.calls).toEqual([]);
  });

  it('that are not listed keep their own custom authentication, with what Lambda passes besides', async () => {
    const { otherwise, noted } = own();
    const { triggers, token, refusals } = await handOver({ clientIds, otherwise });
    const { handler } = triggers;
    expect(await handler(defineEvent([ROUND]), 'context')).toMatchObject({ response: { own: 'define' } });
    expect(await handler(createEvent(), 'context')).toMatchObject({ response: { own: 'create' } });
    expect(await handler(verifyEvent(token()), 'context')).toMatchObject({ response: { own: 'verify' } });
    expect(noted).toEqual(['define context', 'create context', 'verify context']);
    expect(refusals).toEqual([]);
  });

  it('may be those of a second legacy pool, which has a hand-over of its own', async () => {
    const second = await handOver({ clientIds: [CLIENT] });
    const { triggers, token, refusals } = await handOver({ clientIds, otherwise: second.triggers });
    expect((await triggers.handler(defineEvent([]))).response).toMatchObject({ challengeName: 'CUSTOM_CHALLENGE' });
    const answered = async (given: string) => (await triggers.handler(verifyEvent(given))).response.answerCorrect;
    expect(await answered(token())).toBe(false);
    expect(await answered(second.token())).toBe(true);
    expect(second.refusals).toMatchObject([{ code: 'ERR_TOKEN_REFUSED' }]);
    expect(refusals).toEqual([]);
  });

  it('that are listed never get to it', async () => {
    const { otherwise, noted } = own();
    const { triggers, answer } = await handOver({ clientIds: [CLIENT], otherwise });
    await triggers.defineAuthChallenge(defineEvent([]));
    await triggers.createAuthChallenge(createEvent());
    expect(await answer()).toBe('right');
    expect(noted).toEqual([]);
  });
});

describe('an event of something else', () => {
  it.each(['PreSignUp_SignUp', 'CreateAuthChallenge_Authentication'])('is not handled: %s', async (triggerSource) => {
    const { triggers, token } = await handOver();
    const error = { code: 'ERR_EVENT_UNEXPECTED' };
    const define = { ...defineEvent([]), triggerSource } as never;
    await expect(triggers.defineAuthChallenge(define)).rejects.toMatchObject(error);
    const verify = { ...verifyEvent(token()), triggerSource } as never;
    await expect(triggers.verifyAuthChallengeResponse(verify)).rejects.toMatchObject(error);
  });

  it.each(['PreSignUp_SignUp', 'constructor', undefined])('is not handled by any of the three: %s', async (source) => {
    const { triggers } = await handOver();
    const event = { ...createEvent(), triggerSource: source } as never;
    await expect(triggers.createAuthChallenge(event)).rejects.toMatchObject({ code: 'ERR_EVENT_UNEXPECTED' });
    await expect(triggers.handler(event)).rejects.toMatchObject({ code: 'ERR_EVENT_UNEXPECTED' });
  });

  it('is one for a challenge of another name', async () => {
    const { triggers } = await handOver();
    const error = { code: 'ERR_EVENT_UNEXPECTED' };
    await expect(triggers.createAuthChallenge(createEvent('PASSWORD_VERIFIER'))).rejects.toMatchObject(error);
  });

  it.each(['response', 'callerContext', 'request', 'userName'])(
    'is one without %s, as a hand-made one',
    async (field) => {
      const { triggers, token } = await handOver();
      const error = { code: 'ERR_EVENT_UNEXPECTED', reason: `no ${field}` };
      for (const event of [defineEvent([ROUND]), createEvent(), verifyEvent(token())]) {
        await expect(triggers.handler({ ...event, [field]: undefined } as never)).rejects.toMatchObject(error);
      }
      await expect(triggers.handler(undefined as never)).rejects.toMatchObject({ code: 'ERR_EVENT_UNEXPECTED' });
    },
  );

  it('is one whose user has a sub that is not a string', async () => {
    const { triggers, token } = await handOver();
    const event = verifyEvent(token(), { userAttributes: { ...ANNA_THERE, sub: 1 } });
    const error = { code: 'ERR_EVENT_UNEXPECTED', reason: 'no userAttributes' };
    await expect(triggers.verifyAuthChallengeResponse(event)).rejects.toMatchObject(error);
  });

  it('is one of the legacy pool, in which the functions hand over nothing', async () => {
    const { triggers, token, legacyPool } = await handOver();
    const { userPoolId } = legacyPool;
    const error = { code: 'ERR_EVENT_UNEXPECTED', reason: 'legacy pool' };
    for (const event of [defineEvent([ROUND]), createEvent(), verifyEvent(token())]) {
      await expect(triggers.handler({ ...event, userPoolId } as HandoverEvent)).rejects.toMatchObject(error);
    }
  });
});

it('never logs: neither the event nor a refusal', async () => {
  const spies = (['log', 'warn', 'error', 'info', 'debug'] as const).map((name) => vi.spyOn(console, name));
  onTestFinished(() => {
    for (const spy of spies) spy.mockRestore();
  });
  const { answer } = await handOver();
  await answer('no token');
  await answer(undefined, { userAttributes: { ...ANNA_THERE, 'custom:legacy_sub': 'x' } });
  for (const spy of spies) expect(spy).not.toHaveBeenCalled();
});

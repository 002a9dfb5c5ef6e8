import type {
  CreateAuthChallengeTriggerEvent,
  DefineAuthChallengeTriggerEvent,
  VerifyAuthChallengeResponseTriggerEvent,
} from 'aws-lambda';
import { isPlainObject } from '../../options.js';
import { tell } from '../../thenable.js';
import { checkEvent } from '../frame.js';
import { TriggerError } from '../trigger-error.js';
import { judgeAnswer } from './handover-answer.js';
import { checkHandoverOptions, type HandoverSettings, type SessionHandoverOptions } from './handover-options.js';
import type { HandoverRefusal } from './handover-refusal.js';
import { CHALLENGE_KIND, nextStep } from './handover-rounds.js';

/** The events of Cognito's custom authentication. */
export type HandoverEvent =
  | DefineAuthChallengeTriggerEvent
  | CreateAuthChallengeTriggerEvent
  | VerifyAuthChallengeResponseTriggerEvent;

/** Fits the handler type of `@types/aws-lambda` for its event. */
export type HandoverHandler<E extends HandoverEvent> = (event: E, ...rest: unknown[]) => Promise<E>;

/** The three triggers, for a function each, and `handler` for one function that is attached to all three. */
export interface SessionHandover {
  readonly defineAuthChallenge: HandoverHandler<DefineAuthChallengeTriggerEvent>;
  readonly createAuthChallenge: HandoverHandler<CreateAuthChallengeTriggerEvent>;
  readonly verifyAuthChallengeResponse: HandoverHandler<VerifyAuthChallengeResponseTriggerEvent>;
  /** Goes by the event's `triggerSource`. */
  readonly handler: <E extends HandoverEvent>(event: E, ...rest: unknown[]) => Promise<E>;
}

/**
 * Session hand-over: a user who is signed in at the legacy pool gets a session of the new pool without signing in again. Attach the triggers
 * to the new pool as Define, Create and Verify auth challenge. The app answers the one challenge with its legacy access token.
 *
 * The answer is right if it is a valid access token of the legacy pool, of a session that the legacy pool still accepts, whose user signed
 * in not too long ago, whose `sub` is the legacy id of the user who is to be signed in, and if it was never used before. Every refusal looks
 * the same from outside; `onRefused` is told why. While a pool or store is unavailable, the verify trigger rejects, which Cognito reports as
 * another exception: the app may try again with the same token.
 *
 * Users whose legacy id is not their legacy `sub` cannot be handed over.
 *
 * @returns Lambda handlers; they reject with {@link TriggerError} `ERR_…_UNAVAILABLE`, `ERR_DEADLINE` or `ERR_EVENT_UNEXPECTED`
 * @throws {@link ConfigurationError}
 * @see https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-challenge.html
 */
export function createSessionHandover(options: SessionHandoverOptions): SessionHandover {
  const settings = checkHandoverOptions(options);
  const { frame, clientIds, otherwise, onRefused } = settings;

  const refused = (event: HandoverEvent, refusal: HandoverRefusal): void => {
    const { userPoolId, callerContext } = event;
    if (onRefused !== undefined) tell(onRefused, { ...refusal, userPoolId, clientId: callerContext.clientId });
  };

  /** Whether the event is of an app client that is handed over. */
  const isOurs = (event: HandoverEvent, triggerSource: HandoverEvent['triggerSource']): boolean => {
    checkEvent(event, ['response']);
    if (!isPlainObject(event.callerContext)) throw new TriggerError('ERR_EVENT_UNEXPECTED', 'no callerContext');
    if (event.triggerSource !== triggerSource) throw new TriggerError('ERR_EVENT_UNEXPECTED');
    if (event.userPoolId === settings.legacyPoolId) throw new TriggerError('ERR_EVENT_UNEXPECTED', 'legacy pool');
    return clientIds === undefined || clientIds.has(event.callerContext.clientId);
  };

  const defineAuthChallenge: SessionHandover['defineAuthChallenge'] = async (event, ...rest) => {
    const ours = isOurs(event, 'DefineAuthChallenge_Authentication');
    if (!ours && otherwise !== undefined) return handedOn(otherwise.defineAuthChallenge, event, rest);
    if (!ours) refused(event, { code: 'ERR_CLIENT_NOT_ALLOWED' });
    const step = ours ? nextStep(event.request) : 'fail';
    const { response } = event;
    response.issueTokens = step === 'issue-tokens';
    response.failAuthentication = step === 'fail';
    if (step === 'challenge') response.challengeName = 'CUSTOM_CHALLENGE';
    else delete response.challengeName;
    return event;
  };

  const createAuthChallenge: SessionHandover['createAuthChallenge'] = async (event, ...rest) => {
    const ours = isOurs(event, 'CreateAuthChallenge_Authentication');
    if (!ours && otherwise !== undefined) return handedOn(otherwise.createAuthChallenge, event, rest);
    if (!ours || event.request.challengeName !== 'CUSTOM_CHALLENGE') throw new TriggerError('ERR_EVENT_UNEXPECTED');
    event.response.publicChallengeParameters = { kind: CHALLENGE_KIND };
    event.response.privateChallengeParameters = { kind: CHALLENGE_KIND };
    event.response.challengeMetadata = CHALLENGE_KIND;
    return event;
  };

  const verifyAuthChallengeResponse: SessionHandover['verifyAuthChallengeResponse'] = async (event, ...rest) => {
    const ours = isOurs(event, 'VerifyAuthChallengeResponse_Authentication');
    if (!ours && otherwise !== undefined) return handedOn(otherwise.verifyAuthChallengeResponse, event, rest);
    event.response.answerCorrect = false;
    const refusal: HandoverRefusal | undefined = ours
      ? await frame.withinDeadline((signal, patience) => judgeAnswer(event, settings, signal, patience))
      : { code: 'ERR_CLIENT_NOT_ALLOWED' };
    if (refusal === undefined) event.response.answerCorrect = true;
    else refused(event, refusal);
    return event;
  };

  const byTriggerSource = new Map<string, (event: never, ...rest: unknown[]) => Promise<unknown>>([
    ['DefineAuthChallenge_Authentication', defineAuthChallenge],
    ['CreateAuthChallenge_Authentication', createAuthChallenge],
    ['VerifyAuthChallengeResponse_Authentication', verifyAuthChallengeResponse],
  ]);
  return {
    defineAuthChallenge,
    createAuthChallenge,
    verifyAuthChallengeResponse,
    async handler<E extends HandoverEvent>(event: E, ...rest: unknown[]) {
      const own = byTriggerSource.get(event?.triggerSource);
      if (own === undefined) throw new TriggerError('ERR_EVENT_UNEXPECTED');
      return (await own(event as never, ...rest)) as E;
    },
  };
}

type Own = NonNullable<HandoverSettings['otherwise']>[keyof NonNullable<HandoverSettings['otherwise']>];

/** What the application's own handler makes of the event. */
async function handedOn<E extends HandoverEvent>(own: Own, event: E, rest: readonly unknown[]): Promise<E> {
  return (await own(event as never, ...(rest as never[]))) as E;
}

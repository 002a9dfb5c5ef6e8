import type { VerifyAuthChallengeResponseTriggerEvent } from 'aws-lambda';
import type { LegacyUser } from '../../directory/lambda/trigger-pools.js';
import { CutoverError } from '../../errors.js';
import type { CutoverIdentity } from '../../verify/types.js';
import { checkEvent, untilImpatient } from '../frame.js';
import { TriggerError, type TriggerErrorCode } from '../trigger-error.js';
import type { HandoverSettings } from './handover-options.js';
import type { HandoverRefusal } from './handover-refusal.js';
import { CHALLENGE_KIND } from './handover-rounds.js';
import { isSameId, type NewUser, refusalOfToken, refusalOfUser, useOf } from './handover-rules.js';

type Event = VerifyAuthChallengeResponseTriggerEvent;

/** A legacy id, none, or something in the store that is not one. */
type Mapping = { readonly legacyId: string | undefined } | HandoverRefusal;

/**
 * Why the answer is not right; `undefined` if it is. Rejects while it cannot tell, which depends on pools and stores only, never on the user.
 *
 * The token comes first, so that nobody without a valid one can make the function ask anything. The legacy pool, the mapping and the new
 * pool are then asked at the same time, for unknown users too, so that the time taken reveals nothing about the user. The use of the token
 * is remembered last, so that a refused attempt leaves the token as it was.
 */
export async function judgeAnswer(
  event: Event,
  settings: HandoverSettings,
  signal: AbortSignal,
  patience: AbortSignal,
): Promise<HandoverRefusal | undefined> {
  const { frame, maxSignInAgeSeconds, once } = settings;
  const { request } = event;
  if (request.privateChallengeParameters?.['kind'] !== CHALLENGE_KIND) return { code: 'ERR_CHALLENGE_UNEXPECTED' };

  const ask = <T>(code: TriggerErrorCode, question: () => Promise<T>): Promise<T> =>
    frame.ask(code, () => untilImpatient(question(), patience));

  const token = request.challengeAnswer;
  const identity = await ask('ERR_LEGACY_POOL_UNAVAILABLE', () => verified(token, settings));
  if ('code' in identity) return identity;
  const ofToken = refusalOfToken(identity, frame.clock.now(), maxSignInAgeSeconds);
  if (ofToken !== undefined) return ofToken;

  const user = userIn(event);
  const [owner, mapping, account] = await Promise.all([
    ask('ERR_LEGACY_POOL_UNAVAILABLE', () => settings.sessions.ownerOf(token, patience)),
    ask('ERR_LEGACY_ID_UNAVAILABLE', () => mappingOf(user, settings, identity)),
    ask('ERR_NEW_POOL_UNAVAILABLE', () => accountOf(event, user, settings, identity, patience)),
  ]);
  if (owner === undefined) return { code: 'ERR_SESSION_ENDED' };
  if (owner !== identity.sub) return { code: 'ERR_SESSION_OF_ANOTHER' };
  const ofUser = refusalOfUser({ ...user, account }, settings);
  if (ofUser !== undefined) return ofUser;
  if ('code' in mapping) return mapping;
  if (mapping.legacyId === undefined) return { code: 'ERR_LEGACY_ID_MISSING' };
  if (!isSameId(mapping.legacyId, identity.sub)) return { code: 'ERR_LEGACY_ID_DIFFERS' };

  const { name, until } = useOf(identity);
  const isFirst = await frame.ask('ERR_ONCE_STORE_UNAVAILABLE', async () => {
    const answer: unknown = await once.claim(name, until, signal);
    if (typeof answer !== 'boolean') throw new TypeError('the once store must answer true or false');
    return answer;
  });
  return isFirst ? undefined : { code: 'ERR_TOKEN_USED' };
}

/** Whose token it is. Rejects where the keys of the legacy pool are unavailable: that says nothing about the token. */
async function verified(token: string, { verifier }: HandoverSettings): Promise<CutoverIdentity | HandoverRefusal> {
  try {
    return await verifier.verify(token);
  } catch (error) {
    if (!(error instanceof CutoverError) || error.status === 503) throw error;
    return { code: 'ERR_TOKEN_REFUSED', reason: error.code };
  }
}

/** The user who is to be signed in, as the event describes them. */
interface UserInEvent extends Pick<NewUser, 'sub' | 'status'> {
  readonly attributes: Readonly<Record<string, string>>;
}

/** For an unknown user, nothing: whatever the event has instead. */
function userIn(event: Event): UserInEvent {
  const { userNotFound, userAttributes } = event.request;
  const isKnown = userNotFound !== true && userAttributes !== undefined && userAttributes !== null;
  if (isKnown) checkEvent(event, ['userAttributes']);
  const attributes: Readonly<Record<string, string>> = isKnown ? userAttributes : {};
  return { sub: attributes['sub'], status: attributes['cognito:user_status'], attributes };
}

/** Store first, attribute second. */
async function mappingOf(
  { sub, attributes }: UserInEvent,
  { mappedId }: HandoverSettings,
  identity: CutoverIdentity,
): Promise<Mapping> {
  try {
    // For an unknown user too, so that it takes as long: what the store has is then not used.
    const stored = await mappedId.fromStore(sub ?? identity.sub);
    return { legacyId: stored ?? mappedId.fromAttribute(attributes) };
  } catch (error) {
    if (error instanceof TriggerError && error.code === 'ERR_LEGACY_ID_INVALID') return { code: error.code };
    throw error;
  }
}

async function accountOf(
  event: Event,
  { sub }: UserInEvent,
  { accountOf: ask }: HandoverSettings,
  identity: CutoverIdentity,
  signal: AbortSignal,
): Promise<LegacyUser | undefined | null> {
  if (ask === undefined) return null;
  // An unknown name may be one that the pool refuses as a parameter, which must not look like an outage.
  return ask(event, sub === undefined ? identity.sub : event.userName, signal);
}

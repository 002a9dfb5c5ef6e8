import type { DefineAuthChallengeTriggerEvent } from 'aws-lambda';

/** Names the challenge: for the app as `kind`, and in the session, where it tells our challenge from any other. */
export const CHALLENGE_KIND = 'legacy-session';

type Request = Pick<DefineAuthChallengeTriggerEvent['request'], 'session' | 'userNotFound'>;

/** What Cognito is to do next. */
export type Step = 'challenge' | 'issue-tokens' | 'fail';

/**
 * One challenge, one answer. Nothing else that may be in a session, such as a password that was right, adds to it or replaces it. Unknown
 * users get the same challenge, so that it reveals nothing.
 */
export function nextStep({ session, userNotFound }: Request): Step {
  if (!Array.isArray(session)) return 'fail';
  if (session.length === 0) return 'challenge';
  const [round] = session;
  const isOurs =
    session.length === 1 && round?.challengeName === 'CUSTOM_CHALLENGE' && round.challengeMetadata === CHALLENGE_KIND;
  // Only the boolean: a text like "false" would be true.
  return isOurs && round.challengeResult === true && userNotFound !== true ? 'issue-tokens' : 'fail';
}

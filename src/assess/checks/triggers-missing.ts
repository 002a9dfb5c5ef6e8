import { checkPair } from '../define-check.js';
import { guide } from '../finding.js';
import { triggersSet } from '../fix/triggers.js';

/** Triggers for which this package provides a function. */
const SHARED = ['PreSignUp', 'PostConfirmation', 'PreTokenGeneration'];

/** The trigger of an earlier migration: the users that it moved are in the legacy pool by now. */
const OF_THE_PAST = 'UserMigration';

export const triggersMissing = checkPair({
  id: 'triggers-missing',
  needs: { legacy: ['settings'], new: ['settings'] },
  find: (legacy, newPool, { options: { tokenUse } }) => {
    const present = newPool.settings.triggers.map(({ name }) => name);
    const missing = legacy.settings.triggers
      .map(({ name }) => name)
      .filter((name) => name !== OF_THE_PAST && !present.includes(name))
      // If APIs accept access tokens, its absence is a finding of its own.
      .filter((name) => name !== 'PreTokenGeneration' || tokenUse === 'id');
    if (missing.length === 0) return undefined;
    const customSignIn = missing.some(
      (name) => name.endsWith('AuthChallenge') || name === 'VerifyAuthChallengeResponse',
    );
    return {
      severity: customSignIn ? 'blocker' : 'warning',
      title: customSignIn ? 'Custom sign-in does not work in the new pool' : 'Triggers of the legacy pool are missing',
      seen: `Missing in the new pool: ${missing.join(', ')}.`,
      why: customSignIn
        ? 'Users who sign in with the CUSTOM_AUTH flow cannot sign in at all.'
        : 'What they do (checks, messages, claims, records) stops for every user who has moved.',
      fix: `${triggersSet(newPool, missing)}${
        missing.some((name) => SHARED.includes(name))
          ? `\n# ${missing.filter((name) => SHARED.includes(name)).join(', ')}: this package provides a function for it too. A pool has one function per trigger, so let one handler do both.`
          : ''
      }`,
      docs: guide('cognito-user-pools-working-with-lambda-triggers'),
    };
  },
});

import { checkPool } from '../define-check.js';
import { guide } from '../finding.js';
import { triggersSet } from '../fix/triggers.js';

export const signUpUngated = checkPool({
  id: 'sign-up-ungated',
  side: 'new',
  needs: ['settings'],
  find: (pool) => {
    const { adminCreateUserOnly, triggers } = pool.settings;
    if (adminCreateUserOnly || triggers.some(({ name }) => name === 'PreSignUp')) return undefined;
    return {
      severity: 'warning',
      title: "Anyone can sign up in the new pool with a legacy user's address",
      seen: 'Self sign-up is on, and there is no pre sign-up trigger that checks who signs up.',
      why: "Someone who signs up with a legacy user's username or address takes that user's place: the migration trigger does not run for a user who exists, and plan cannot trust usernames.",
      fix: `${triggersSet(pool, ['PreSignUp'])}\n# The function: createPreSignUpTrigger from cognito-cutover/triggers. Its role needs cognito-idp:ListUsers on both pools.\n# Or close self sign-up until the migration is over: .AdminCreateUserConfig.AllowAdminCreateUserOnly = true`,
      docs: guide('user-pool-lambda-pre-sign-up'),
    };
  },
});

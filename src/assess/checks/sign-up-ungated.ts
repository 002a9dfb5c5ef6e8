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
      seen: 'Self sign-up is on, and no pre sign-up trigger looks at who signs up.',
      why: "Somebody who signs up first with a legacy user's username or address sits in that user's place: the migration trigger does not run for a user who exists, and plan cannot trust usernames.",
      fix: `${triggersSet(pool, ['PreSignUp'])}\n# The function: createPreSignUpTrigger of cognito-cutover/triggers. Its role needs cognito-idp:ListUsers on both pools.\n# Or close self sign-up until the migration is over: .AdminCreateUserConfig.AllowAdminCreateUserOnly = true`,
      docs: guide('user-pool-lambda-pre-sign-up'),
    };
  },
});

import { checkPool } from '../check.js';
import { guide } from '../docs.js';
import { poolUpdate } from '../fix.js';

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
      why: "Who signs up first with a legacy user's username or address keeps that user from being migrated at sign-in, and plan cannot trust usernames.",
      fix: `${poolUpdate(pool, '.LambdaConfig.PreSignUp = "ARN_OF_THE_FUNCTION"')}\n# A function that looks the user up in the legacy pool. Or close self sign-up until the migration is over: .AdminCreateUserConfig.AllowAdminCreateUserOnly = true`,
      docs: guide('user-pool-lambda-pre-sign-up'),
    };
  },
});

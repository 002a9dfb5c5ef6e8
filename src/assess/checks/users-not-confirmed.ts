import { checkPool } from '../define-check.js';
import { guide } from '../finding.js';
import { counted } from '../words.js';

const WORKING = ['CONFIRMED', 'EXTERNAL_PROVIDER'];

export const usersNotConfirmed = checkPool({
  id: 'users-not-confirmed',
  side: 'legacy',
  needs: ['users'],
  find: ({ users }) => {
    const unfinished = Object.entries(users.byStatus).filter(
      ([status, amount]) => !WORKING.includes(status) && amount > 0,
    );
    if (unfinished.length === 0) return undefined;
    return {
      severity: 'info',
      title: 'Users whose password does not work yet or any more',
      seen: `${unfinished.map(([status, amount]) => `${status}: ${counted(amount, 'user')}`).join(', ')}.`,
      why: 'The legacy pool answers them with a challenge or a refusal instead of a sign-in, so the migration trigger cannot move them as they are. A CSV import skips the unconfirmed.',
      fix: "RESET_REQUIRED: nothing to do, the migration trigger moves them and they reset their password in the new pool. FORCE_CHANGE_PASSWORD: set challenges: 'reset-and-enrol' on the trigger, or import them. UNCONFIRMED: let them sign up again in the new pool.",
      docs: guide('signing-up-users-in-your-app'),
    };
  },
});

import { checkPool } from '../check.js';
import { guide } from '../docs.js';
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
      why: 'The migration trigger cannot take them along: the legacy pool answers with a challenge or a refusal instead of a sign-in. A CSV import skips the unconfirmed.',
      fix: 'FORCE_CHANGE_PASSWORD and RESET_REQUIRED: answer RESET_REQUIRED from the trigger at forgot-password, or import them. UNCONFIRMED: let them sign up again in the new pool.',
      docs: guide('signing-up-users-in-your-app'),
    };
  },
});

import { EXTERNAL_STATUS } from '../../users/identities.js';
import { counted } from '../../words.js';
import { checkPool } from '../define-check.js';
import { guide } from '../finding.js';

const WORKING = ['CONFIRMED', EXTERNAL_STATUS];

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
      title: 'Some users do not have a working password',
      seen: `${unfinished.map(([status, amount]) => `${status}: ${counted(amount, 'user')}`).join(', ')}.`,
      why: 'The legacy pool answers these users with a challenge or an error instead of a sign-in, so the migration trigger cannot move them as they are. A CSV import skips unconfirmed users.',
      fix: "RESET_REQUIRED: nothing to do. The migration trigger moves these users, and they reset their password in the new pool. FORCE_CHANGE_PASSWORD: set challenges: 'reset-and-enrol' on the trigger, or import them. UNCONFIRMED: let them sign up again in the new pool.",
      docs: guide('signing-up-users-in-your-app'),
    };
  },
});

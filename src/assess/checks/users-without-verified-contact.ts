import { counted } from '../../words.js';
import { checkPool } from '../define-check.js';
import { guide } from '../finding.js';
import { percent } from '../percent.js';

export const usersWithoutVerifiedContact = checkPool({
  id: 'users-without-verified-contact',
  side: 'legacy',
  needs: ['users'],
  find: ({ users }) => {
    const { withoutVerifiedContact: amount, native } = users;
    if (amount === 0) return undefined;
    return {
      severity: 'warning',
      title: 'Some users have neither a verified e-mail address nor a verified phone number',
      seen: `${counted(amount, 'native user')} of ${counted(native, 'native user')} (${percent(amount, native)}).`,
      why: 'A CSV import refuses these users, they cannot reset a forgotten password, and plan never matches users by unverified values.',
      fix: 'Ask them to verify an address or number in the legacy pool before the move (GetUserAttributeVerificationCode at their next sign-in), or move them with the migration trigger.',
      docs: guide('cognito-user-pools-using-import-tool'),
    };
  },
});

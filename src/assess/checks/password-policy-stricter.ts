import { checkPair } from '../define-check.js';
import { guide } from '../finding.js';
import { mayHaveNativeUsers } from '../forecast/movers.js';

const RULES = ['requireUppercase', 'requireLowercase', 'requireNumbers', 'requireSymbols'] as const;

export const passwordPolicyStricter = checkPair({
  id: 'password-policy-stricter',
  needs: { legacy: ['settings'], new: ['settings'] },
  uses: { legacy: ['users'] },
  find: (legacy, newPool) => {
    if (!mayHaveNativeUsers(legacy.users)) return undefined;
    const before = legacy.settings.passwordPolicy;
    const after = newPool.settings.passwordPolicy;
    if (before === null || after === null) return undefined;
    const stricter: string[] = RULES.filter((rule) => after[rule] && !before[rule]);
    if (after.minimumLength > before.minimumLength) {
      stricter.push(`minimum length ${after.minimumLength} instead of ${before.minimumLength}`);
    }
    if (stricter.length === 0) return undefined;
    return {
      severity: 'info',
      title: 'The new pool requires stronger passwords',
      seen: `Stricter in the new pool: ${stricter.join(', ')}.`,
      why: 'The migration trigger keeps passwords as they are, even weak ones: Cognito does not apply the policy to them. It applies the policy at the next change of the password, and to every reset after a CSV import.',
      fix: 'To enforce the policy immediately, check the password in the trigger and return finalUserStatus RESET_REQUIRED for weak ones.',
      docs: guide('cognito-user-pools-import-using-lambda'),
    };
  },
});

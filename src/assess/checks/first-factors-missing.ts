import { checkPair } from '../define-check.js';
import { guide } from '../finding.js';
import { addedOr, atLeastPlan } from '../fix/changes.js';
import { poolUpdate } from '../fix/updates.js';
import { mayHaveNativeUsers } from '../forecast/movers.js';

const NAMES: Readonly<Record<string, string>> = {
  PASSWORD: 'password',
  EMAIL_OTP: 'code by e-mail',
  SMS_OTP: 'code by SMS',
  WEB_AUTHN: 'passkey',
};
/** Without any setting people sign in with a password. */
const factorsOf = (factors: readonly string[]): readonly string[] => (factors.length > 0 ? factors : ['PASSWORD']);

export const firstFactorsMissing = checkPair({
  id: 'first-factors-missing',
  needs: { legacy: ['settings'], new: ['settings'] },
  uses: { legacy: ['users'] },
  find: (legacy, newPool) => {
    const before = factorsOf(legacy.settings.firstAuthFactors);
    const after = factorsOf(newPool.settings.firstAuthFactors);
    const lost = before.filter((factor) => !after.includes(factor));
    if (lost.length === 0 || !mayHaveNativeUsers(legacy.users)) return undefined;
    const named = (factors: readonly string[]) => factors.map((factor) => NAMES[factor] ?? factor).join(', ');
    const codes = lost.some((factor) => factor.endsWith('_OTP'));
    return {
      severity: codes ? 'blocker' : 'warning',
      title: `Users can no longer sign in with: ${named(lost)}`,
      seen: `Choice-based sign-in (USER_AUTH) offers ${named(before)} in the legacy pool and ${named(after)} in the new one.`,
      why: `Users may have no other way in: people who signed up with a code or a passkey have no password. Only AdminGetUserAuthFactors tells how many.${
        codes ? ' Those users could not sign in to the new pool at all.' : ''
      }`,
      fix: `${poolUpdate(
        newPool,
        `${atLeastPlan('ESSENTIALS')} | ${addedOr('.Policies.SignInPolicy.AllowedFirstAuthFactors', lost, ['PASSWORD'])}`,
      )}\n# App clients need ALLOW_USER_AUTH for it, and the plan Essentials or Plus.${
        codes && newPool.settings.mfa === 'ON' ? ' Codes as the first factor do not go together with required MFA.' : ''
      }`,
      docs: guide('amazon-cognito-user-pools-authentication-flow-methods'),
    };
  },
});

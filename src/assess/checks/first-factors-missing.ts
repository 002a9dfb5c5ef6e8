import { checkPair } from '../define-check.js';
import { guide } from '../finding.js';
import { addedOr, atLeastPlan } from '../fix/changes.js';
import { poolUpdate } from '../fix/updates.js';
import { mayHaveNativeUsers } from '../forecast/movers.js';

const NAMES: Readonly<Record<string, string>> = {
  PASSWORD: 'a password',
  EMAIL_OTP: 'a code by e-mail',
  SMS_OTP: 'a code by SMS',
  WEB_AUTHN: 'a passkey',
};
/** Without this setting, users sign in with a password. */
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
      title: `Users can no longer sign in with ${named(lost)}`,
      seen: `Choice-based sign-in (USER_AUTH) offers ${named(before)} in the legacy pool and ${named(after)} in the new one.`,
      why: `Users who signed up with a code or a passkey have no password, and may have no other way to sign in. Only AdminGetUserAuthFactors shows how many there are.${
        codes ? ' Those users could not sign in to the new pool at all.' : ''
      }`,
      fix: `${poolUpdate(
        newPool,
        `${atLeastPlan('ESSENTIALS')} | ${addedOr('.Policies.SignInPolicy.AllowedFirstAuthFactors', lost, ['PASSWORD'])}`,
      )}\n# App clients need ALLOW_USER_AUTH for this, and the pool needs the Essentials or Plus plan.${
        codes && newPool.settings.mfa === 'ON' ? ' Codes as the first factor cannot be combined with required MFA.' : ''
      }`,
      docs: guide('amazon-cognito-user-pools-authentication-flow-methods'),
    };
  },
});

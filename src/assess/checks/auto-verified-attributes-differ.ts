import { checkPair } from '../define-check.js';
import { guide } from '../finding.js';
import { added, setUnlessSet } from '../fix/changes.js';
import { smsConfiguration } from '../fix/mfa.js';
import { poolUpdate } from '../fix/updates.js';

export const autoVerifiedAttributesDiffer = checkPair({
  id: 'auto-verified-attributes-differ',
  needs: { legacy: ['settings'], new: ['settings'] },
  find: (legacy, newPool) => {
    const before = legacy.settings.autoVerifiedAttributes;
    const after = newPool.settings.autoVerifiedAttributes;
    const lost = before.filter((name) => !after.includes(name));
    if (lost.length === 0) return undefined;
    const { smsSender } = newPool.settings;
    const sms = lost.includes('phone_number') && smsSender === null;
    return {
      severity: 'warning',
      title: `The new pool does not verify ${lost.join(' or ')}`,
      seen: `Verified automatically (AutoVerifiedAttributes) in the legacy pool: ${before.join(', ')}. In the new pool: ${after.join(', ') || 'nothing'}.`,
      why: 'Cognito sends no code to a new or changed address or number, so it stays unverified. It cannot be used to sign in or to reset a password, and plan never matches users by it.',
      fix: poolUpdate(
        newPool,
        [
          added('.AutoVerifiedAttributes', lost),
          ...(sms ? [setUnlessSet('.SmsConfiguration', smsConfiguration(legacy.settings.smsSender))] : []),
        ].join(' | '),
      ),
      docs: guide('user-pool-settings-email-phone-verification'),
    };
  },
});

import { checkPair } from '../define-check.js';
import { guide } from '../finding.js';
import { poolUpdate } from '../fix/updates.js';
import { mayHaveNativeUsers } from '../forecast/movers.js';

export const accountRecoveryDiffers = checkPair({
  id: 'account-recovery-differs',
  needs: { legacy: ['settings'], new: ['settings'] },
  uses: { legacy: ['users'] },
  find: (legacy, newPool) => {
    if (!mayHaveNativeUsers(legacy.users)) return undefined;
    const before = legacy.settings.accountRecovery;
    const after = newPool.settings.accountRecovery;
    if (before.join() === after.join()) return undefined;
    const named = (mechanisms: readonly string[]) => mechanisms.join(', ') || 'nothing set';
    return {
      severity: 'info',
      title: 'Forgotten passwords are reset in another way',
      seen: `Legacy pool: ${named(before)}. New pool: ${named(after)}.`,
      why: 'After an import everybody resets the password: users who have only the other way of contact cannot.',
      fix: poolUpdate(
        newPool,
        `.AccountRecoverySetting = ${JSON.stringify({
          RecoveryMechanisms: before.map((Name, at) => ({ Name, Priority: at + 1 })),
        })}`,
      ),
      docs: guide('managing-users-passwords'),
    };
  },
});

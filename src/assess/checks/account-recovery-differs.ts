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
      title: 'The pools recover forgotten passwords in different ways',
      seen: `Legacy pool: ${named(before)}. New pool: ${named(after)}.`,
      why: 'After an import, every user resets their password. Users who only have a contact that the new pool does not use cannot.',
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

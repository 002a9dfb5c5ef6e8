import { checkPair } from '../define-check.js';
import { guide } from '../finding.js';

export const deviceTrackingDiffers = checkPair({
  id: 'device-tracking-differs',
  needs: { legacy: ['settings'], new: ['settings'] },
  find: (legacy, newPool) => {
    const before = legacy.settings.deviceTracking;
    const after = newPool.settings.deviceTracking;
    if (JSON.stringify(before) === JSON.stringify(after)) return undefined;
    const naming = (tracking: typeof before) => {
      if (tracking === null) return 'remembers no devices';
      const when = tracking.onlyRememberedOnUserPrompt ? 'if the user agrees' : 'always';
      return `remembers devices ${when}${tracking.challengeRequiredOnNewDevice ? ' and skips the second factor on remembered devices' : ''}`;
    };
    return {
      severity: 'info',
      title: 'The pools remember devices differently',
      seen: `The legacy pool ${naming(before)}; the new pool ${naming(after)}.`,
      why: 'Remembered devices do not move. If the setting differs as well, users are asked for their second factor more often or less often than before.',
      fix: 'Decide how the new pool should track devices, and set it (update-user-pool, DeviceConfiguration).',
      docs: guide('amazon-cognito-user-pools-device-tracking'),
    };
  },
});

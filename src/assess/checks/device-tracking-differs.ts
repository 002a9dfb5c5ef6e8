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
      const when = tracking.onlyRememberedOnUserPrompt ? 'where the user wants it' : 'always';
      return `remembers devices ${when}${tracking.challengeRequiredOnNewDevice ? ' and spares remembered ones the second factor' : ''}`;
    };
    return {
      severity: 'info',
      title: 'The pools remember devices differently',
      seen: `The legacy pool ${naming(before)}; the new pool ${naming(after)}.`,
      why: 'Remembered devices never move; where the setting differs too, users are asked for their second factor more or less often than they are used to.',
      fix: 'Set device tracking of the new pool on purpose (update-user-pool, DeviceConfiguration).',
      docs: guide('amazon-cognito-user-pools-device-tracking'),
    };
  },
});

import { counted } from '../../words.js';
import { checkPair } from '../define-check.js';
import { guide } from '../finding.js';
import { backfillWrites } from '../forecast/cost.js';

export const backfillCrossesMonth = checkPair({
  id: 'backfill-crosses-month',
  needs: { legacy: ['users'], new: ['users'] },
  find: (legacy, newPool, { now, options }) => {
    const writes = backfillWrites([legacy.users], newPool.users, options.attribute);
    const seconds = writes / options.rps;
    const start = new Date(now);
    const monthEnd = Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + 1, 1);
    if (now + seconds * 1000 <= monthEnd) return undefined;
    return {
      severity: 'info',
      title: 'A backfill that starts now ends next month',
      seen: `${counted(writes, 'write')} at ${options.rps} per second take ${counted(Math.ceil(seconds / 3600), 'hour')}; the month has ${counted(Math.floor((monthEnd - now) / 3_600_000), 'hour')} left.`,
      why: 'A write makes the user monthly active in the month of the write. Corrections and manual checks in the next month make the same users active in that month too.',
      fix: 'Start in the first days of a month, or raise --rps (the quota of an account is 25 per second by default).',
      docs: guide('tracking-cost'),
    };
  },
});

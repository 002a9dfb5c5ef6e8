import type { ProgressEvent } from '../../../src/migrate/progress.js';

/** So many of 400 users are written. */
export const writing = (written: number, done = false): ProgressEvent => ({
  type: 'write',
  written,
  failed: 0,
  skipped: 0,
  total: 400,
  attempts: written,
  throttled: 0,
  rps: 10,
  done,
});

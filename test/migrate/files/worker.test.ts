import { hostname } from 'node:os';
import { expect, it } from 'vitest';
import { describeWorker } from '../../../src/migrate/files/worker.js';

const since = new Date('2026-01-15T14:02:59Z');
const worker = { command: 'apply', pid: 3943, host: hostname(), since };

it.each([
  ['of today', worker, since.getTime() + 60_000, '`apply` (pid 3943, since 14:02 UTC)'],
  ['of another day', worker, since.getTime() + 86_400_000, '`apply` (pid 3943, since 2026-01-15 14:02 UTC)'],
  [
    'on another host',
    { ...worker, host: 'night-1' },
    since.getTime(),
    '`apply` (pid 3943 on host night-1, since 14:02 UTC)',
  ],
])('names a worker %s', (_, one, now, text) => {
  expect(describeWorker(one, now)).toBe(text);
});

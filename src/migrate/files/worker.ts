import { hostname } from 'node:os';
import { systemClock } from '../../clock.js';
import type { Worker } from '../progress.js';

/** `` `apply` (pid 3943, since 14:02 UTC) ``: the day only if it is not today, the host only if it is another one. */
export function describeWorker({ command, pid, host, since }: Worker, now = systemClock.now()): string {
  const [day, time] = since.toISOString().slice(0, 16).split('T');
  const today = new Date(now).toISOString().slice(0, 10);
  const where = host === hostname() ? '' : ` on host ${host}`;
  return `\`${command}\` (pid ${pid}${where}, since ${day === today ? '' : `${day} `}${time} UTC)`;
}

// Loaded into a process with --import: leaves what the process used up in a file when it ends. The peak comes from Linux's
// own account where there is one, because `maxRSS` begins with that of the process which spawned this one. Requests are timed
// here and not where they arrive: on a busy machine a receiver that was held up sees many at once.
import { subscribe } from 'node:diagnostics_channel';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

/** When each request was sent, in milliseconds, by operation. */
const sent = {};
subscribe('http.client.request.start', ({ request }) => {
  const operation = String(request.getHeader('x-amz-target')).split('.').at(-1);
  sent[operation] ??= [];
  sent[operation].push(performance.now());
});

function mostPerSecond(times) {
  let first = 0;
  let most = 0;
  for (const [last, time] of times.entries()) {
    while (time - times[first] >= 1000) first++;
    most = Math.max(most, last - first + 1);
  }
  return most;
}

const eventLoop = monitorEventLoopDelay({ resolution: 20 });
eventLoop.enable();

process.on('exit', () => {
  const status = existsSync('/proc/self/status') ? readFileSync('/proc/self/status', 'utf8') : '';
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  const peakKb = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? maxRSS);
  const usage = {
    peakMb: peakKb / 1024,
    longestBlockMs: eventLoop.max / 1e6,
    cpuSeconds: (userCPUTime + systemCPUTime) / 1e6,
    mostPerSecond: Object.fromEntries(Object.entries(sent).map(([name, times]) => [name, mostPerSecond(times)])),
  };
  writeFileSync(process.env.USAGE_FILE, JSON.stringify(usage));
});

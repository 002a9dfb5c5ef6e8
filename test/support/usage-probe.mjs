// Loaded into a process with --import: leaves what the process used up in a file when it ends. The peak comes from Linux's
// own account where there is one, because `maxRSS` begins with that of the process which spawned this one.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

process.on('exit', () => {
  const status = existsSync('/proc/self/status') ? readFileSync('/proc/self/status', 'utf8') : '';
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  const peakKb = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? maxRSS);
  const usage = { peakMb: peakKb / 1024, cpuSeconds: (userCPUTime + systemCPUTime) / 1e6 };
  writeFileSync(process.env.USAGE_FILE, JSON.stringify(usage));
});

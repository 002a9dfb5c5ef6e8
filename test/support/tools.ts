import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

export const CHROMIUM = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';

/** Debian's, which has Debian's python3-jwt; another Python on the PATH need not. */
export const PYTHON = '/usr/bin/python3';
/** Not on the PATH of every user. */
export const NGINX = '/usr/sbin/nginx';

const runs = (command: string, ...args: string[]) => spawnSync(command, args).status === 0;

/** Whether this machine has what some tests need. The start of a run names what is missing. */
export const HAS = {
  redis: runs('redis-server', '--version'),
  chromium: existsSync(CHROMIUM),
  jq: runs('jq', '--version'),
  prometheus: runs('prometheus', '--version') && runs('promtool', '--version'),
  systemd: runs('systemd-analyze', '--version'),
  nginx: runs(NGINX, '-v'),
  caddy: runs('caddy', 'version'),
  pyJwt: runs(PYTHON, '-c', 'import jwt, cryptography'),
  pseudoTerminal: runs('script', '--version'),
  fullDevice: existsSync('/dev/full'),
  procFiles: existsSync('/proc/self/stat'),
  memoryDisk: runs('unshare', '--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'),
};

const SKIPPED: Readonly<Record<keyof typeof HAS, string>> = {
  redis: 'redis-server: the tests against a real Redis',
  chromium: `${CHROMIUM} (or CHROMIUM_PATH): the HTML pages in a browser`,
  jq: 'jq: the suggested AWS CLI calls, run in a shell',
  prometheus: 'prometheus and promtool: the alert rules, and the example scraped',
  systemd: 'systemd-analyze: the check of the systemd units',
  nginx: `${NGINX}: the forward-auth server behind a real proxy`,
  caddy: 'caddy: the forward-auth server behind Caddy',
  pyJwt: `PyJWT for ${PYTHON}: the recipe of docs/other-languages.md`,
  pseudoTerminal: 'script: a terminal that is closed during a run',
  fullDevice: '/dev/full: output to a full disk',
  memoryDisk: 'the right to mount a disk in memory: a state on a full disk',
  procFiles: '/proc: a process that has died and is not yet reaped',
};

/** The `globalSetup` of the test runs. */
export default function announceSkipped(): void {
  for (const [name, what] of Object.entries(SKIPPED)) {
    if (!HAS[name as keyof typeof HAS]) console.log(` Skipped for want of ${what}`);
  }
}

import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';

/** A folder outside this one, with a manifest of its own, as a user begins. */
export function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'cognito-cutover-'));
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  return folder;
}

/** Installs the tarball, and packages beside it. */
export function install(folder: string, ...packages: string[]): void {
  runIn(folder, 'npm', 'install', '--no-audit', '--no-fund', '--prefer-offline', inject('tarball'), ...packages);
}

/** What a command of the docs does once the package is published: it installs the tarball. */
export const asPublished = (command: string): string =>
  command.startsWith('npm install') ? command.replace(/ cognito-cutover\b/, ` ${inject('tarball')}`) : command;

/** As a user has it, but for the cache of npm and its messages. */
export const NPM = { npm_config_prefer_offline: 'true', npm_config_audit: 'false', npm_config_fund: 'false' };

export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

/** What a command prints. Fails with all of it where the command does. */
export function runIn(folder: string, command: string, ...args: string[]): string {
  // On Windows npm is a script, which only a shell starts.
  const shell = process.platform === 'win32' && command === 'npm';
  return execFileSync(command, args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], shell });
}

/** Beside the newest content-disposition, which has types of its own, the declarations of Koa itself do not compile. */
const OF_KOA = /^(?:.*\/)?node_modules\/@types\/koa\/index\.d\.ts\(.*content-disposition.*\n/gm;

/** What a compiler complains of, in the declarations of every package as well. */
export function complaintsOf(folder: string, compiler: string, ...args: readonly string[]): string {
  try {
    const tsc = join(folder, 'node_modules', compiler, 'bin/tsc');
    return runIn(folder, process.execPath, tsc, ...args, '--skipLibCheck', 'false');
  } catch (error) {
    return (error as { readonly stdout: string }).stdout.replace(OF_KOA, '');
  }
}

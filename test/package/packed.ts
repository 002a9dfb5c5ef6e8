import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
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

/** What a command prints. Fails with all of it where the command does. */
export function runIn(folder: string, command: string, ...args: string[]): string {
  return execFileSync(command, args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

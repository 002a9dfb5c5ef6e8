import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

/** A folder outside this one, with a manifest of its own, as a user begins. */
export function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'cognito-cutover-'));
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  return folder;
}

/** Packs what `npm run test:package` has built, and answers the tarball. */
export function packInto(folder: string): string {
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
  const [packed] = JSON.parse(execFileSync('npm', args, { cwd: root, encoding: 'utf8' })) as { filename: string }[];
  return join(folder, packed?.filename ?? '');
}

export function install(folder: string, ...packages: string[]): void {
  runIn(folder, 'npm', 'install', '--no-audit', '--no-fund', '--prefer-offline', ...packages);
}

/** What a command prints. Fails with all of it where the command does. */
export function runIn(folder: string, command: string, ...args: string[]): string {
  return execFileSync(command, args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

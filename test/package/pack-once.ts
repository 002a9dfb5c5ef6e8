import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** The path of the packed tarball. */
    tarball: string;
  }
}

/** The `globalSetup` of `npm run test:package`: packs what that has built. */
export default function packOnce({ provide }: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'cognito-cutover-packed-'));
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
  const [packed] = JSON.parse(execFileSync('npm', args, { encoding: 'utf8', shell: process.platform === 'win32' })) as {
    filename: string;
  }[];
  provide('tarball', join(folder, packed?.filename ?? ''));
  return () => rmSync(folder, { recursive: true, force: true });
}

import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** The path of the packed tarball. */
    tarball: string;
    /**
     * A folder with the examples, in which every module is the one of this repository, except for the package: that is the unpacked
     * tarball. Only `npm run test:package` provides it.
     */
    packedFolder?: string;
  }
}

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The `globalSetup` of `npm run test:package`: packs what that has built. */
export default function packOnce({ provide }: TestProject): () => void {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'cognito-cutover-packed-')));
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
  const [packed] = JSON.parse(execFileSync('npm', args, { encoding: 'utf8', shell: process.platform === 'win32' })) as {
    filename: string;
  }[];
  const tarball = join(folder, packed?.filename ?? '');
  provide('tarball', tarball);
  provide('packedFolder', besideModules(folder, tarball));
  return () => rmSync(folder, { recursive: true, force: true });
}

function besideModules(folder: string, tarball: string): string {
  const modules = join(folder, 'node_modules');
  const installed = join(modules, 'cognito-cutover');
  mkdirSync(installed, { recursive: true });
  execFileSync('tar', ['-xzf', basename(tarball), '-C', 'node_modules/cognito-cutover', '--strip-components=1'], {
    cwd: folder,
  });
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (name !== 'cognito-cutover' && name !== '.cache')
      symlinkSync(join(root, 'node_modules', name), join(modules, name), 'junction');
  }
  const isOwn = (path: string) => !['node_modules', 'dist', 'cdk.out'].includes(basename(path));
  cpSync(join(root, 'examples'), join(folder, 'examples'), { recursive: true, filter: isOwn });
  return folder;
}

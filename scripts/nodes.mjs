// Other versions of Node, for the tests of the packed tarball: the lowest that `engines` allows, and each later LTS line with the
// current one. The npm packages `node-PLATFORM-ARCH` hold the binaries. They are installed into a cache outside of this folder.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const { engines } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

export const NODES = [engines.node.replace('>=', ''), '22', '24', '26'];

const platform = process.platform === 'win32' ? 'win' : process.platform;
const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'cognito-cutover', 'node');

/** The program of a version, and `undefined` where the registry has none for this platform. */
export function nodeOf(version) {
  const folder = join(cache, version);
  const name = `node-${platform}-${process.arch}`;
  const program = join(folder, 'node_modules', name, 'bin', platform === 'win' ? 'node.exe' : 'node');
  if (!existsSync(program)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
    const install = ['install', '--ignore-scripts', '--no-audit', '--no-fund', `${name}@${version}`];
    spawnSync('npm', install, { cwd: folder, stdio: 'ignore', shell: platform === 'win' });
  }
  return spawnSync(program, ['--version']).status === 0 ? program : undefined;
}

// Run by itself, it installs all of them: `.ci/run` does, so that no test is skipped there.
if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const version of NODES) {
    const program = nodeOf(version);
    console.log(`Node ${version}: ${program ?? 'not for this platform'}`);
    if (program === undefined) process.exitCode = 1;
  }
}

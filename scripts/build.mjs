// Builds both published forms: dist/esm for `import`, dist/cjs for `require`. The result replaces dist in one step.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');

const fresh = mkdtempSync(join(root, '.dist-'));
try {
  for (const form of ['esm', 'cjs']) {
    const args = [tsc, '-p', `tsconfig.${form}.json`, '--outDir', join(fresh, form)];
    const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
    if (status !== 0) throw new Error(`tsc -p tsconfig.${form}.json failed`);
  }
  writeFileSync(join(fresh, 'cjs/package.json'), '{ "type": "commonjs" }\n');
  const bin = join(fresh, 'esm/src/cli/bin.js');
  if (existsSync(bin)) chmodSync(bin, 0o755);
  chmodSync(fresh, 0o755);
  const old = `${fresh}-old`;
  if (existsSync(join(root, 'dist'))) renameSync(join(root, 'dist'), old);
  renameSync(fresh, join(root, 'dist'));
  rmSync(old, { recursive: true, force: true });
} catch (error) {
  rmSync(fresh, { recursive: true, force: true });
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

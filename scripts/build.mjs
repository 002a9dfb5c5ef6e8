// Builds both published forms: dist/esm for `import`, dist/cjs for `require`. The result replaces dist in one step. A dist that was
// built from exactly these sources, and was not changed since, stays as it is: every test command builds first.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');

const SOURCES = ['src', 'middleware', 'scripts/build.mjs', 'package.json', 'package-lock.json'];
const SETTINGS = ['tsconfig.json', 'tsconfig.esm.json', 'tsconfig.cjs.json'];
const STAMP = join(root, 'node_modules/.cache/cognito-cutover/built');

function* filesUnder(place) {
  if (!statSync(place).isDirectory()) yield place;
  else for (const name of readdirSync(place).sort()) yield* filesUnder(join(place, name));
}

/** Of the sources and of what is built: their paths and bytes. */
function stampOf() {
  const hash = createHash('sha256');
  for (const place of [...SOURCES, ...SETTINGS, 'dist']) {
    for (const file of filesUnder(join(root, place))) {
      const bytes = readFileSync(file);
      hash.update(`${file}\0${bytes.length}\0`).update(bytes);
    }
  }
  return hash.digest('hex');
}

const isBuilt = () => existsSync(join(root, 'dist')) && existsSync(STAMP) && readFileSync(STAMP, 'utf8') === stampOf();

if (isBuilt()) process.exit();

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
  mkdirSync(dirname(STAMP), { recursive: true });
  const stamp = `${STAMP}-${process.pid}`;
  writeFileSync(stamp, stampOf());
  renameSync(stamp, STAMP);
} catch (error) {
  rmSync(fresh, { recursive: true, force: true });
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

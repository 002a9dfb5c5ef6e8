import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { transform } from 'esbuild';
import { inject, onTestFinished } from 'vitest';
import type { TestPools } from '../../src/testing/index.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

/** Where `cognito-cutover` is the built package; in `npm run test:package` it is the packed one. */
const modulesFolder = inject('packedFolder') ?? root;

/** The one code block of a page that contains `marker`. */
export function blockOf(page: string, language: string, marker: string): string {
  const fences = readFileSync(join(root, page), 'utf8').matchAll(
    new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'),
  );
  const [code, ...others] = [...fences].map(([, found = '']) => found).filter((found) => found.includes(marker));
  if (code === undefined || others.length > 0) {
    throw new Error(`${page}: ${others.length + Number(code !== undefined)} blocks contain "${marker}"`);
  }
  return code;
}

/** The one code block of a page that contains `marker`, with the test pools in place of the pools that the page names. */
export function sampleOf(page: string, marker: string, pools: TestPools): string {
  const code = blockOf(page, 'ts', marker);
  const side = (name: 'legacyPool' | 'newPool') => `${name}: ${JSON.stringify(pools[name].options)}`;
  return code.replace(/legacyPool: \{[^{}]*\}/g, side('legacyPool')).replace(/newPool: \{[^{}]*\}/g, side('newPool'));
}

/** TypeScript, with the decorators that Nest uses, as JavaScript. */
export async function compiled(code: string, format: 'esm' | 'cjs' = 'esm'): Promise<string> {
  const tsconfigRaw = { compilerOptions: { experimentalDecorators: true } };
  return (await transform(code, { loader: 'ts', format, target: 'node20', tsconfigRaw })).code;
}

/** Runs a sample in this process, until the test is over. Answers what it declares under the names given. */
export async function run<T>(code: string, ...names: readonly string[]): Promise<T> {
  const folder = mkdtempSync(join(modulesFolder, '.samples-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'sample.mjs');
  writeFileSync(file, await compiled(`${code}\nexport { ${names.join(', ')} };\n`));
  return (await import(/* @vite-ignore */ pathToFileURL(file).href)) as T;
}

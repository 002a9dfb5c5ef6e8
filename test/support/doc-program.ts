import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ALL_BLOCKS, type CodeBlock } from './doc-blocks.js';

const STRICT = [
  '--noEmit',
  '--strict',
  '--module',
  'nodenext',
  '--target',
  'es2022',
  '--types',
  'node',
  '--ignoreConfig',
];
const DECORATORS = ['--experimentalDecorators', '--emitDecoratorMetadata'];

/** TypeScript, and JavaScript that imports the package; that of docs/getting-started.md is executed by first-hour.test.ts. */
export const PROGRAM_BLOCKS: readonly CodeBlock[] = ALL_BLOCKS.filter(
  ({ page, language, code }) =>
    language === 'ts' || (language === 'js' && page !== 'docs/getting-started.md' && code.includes("'cognito-cutover")),
);

/** Writes the code of the docs into a new folder in `parent`, and returns the arguments with which a compiler checks it. */
export function docProgram(parent: string, type: 'module' | 'commonjs') {
  const folder = mkdtempSync(join(parent, '.docs-'));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type }));
  const files = PROGRAM_BLOCKS.map(({ page, line, code }) => {
    const file = join(folder, `${page.replaceAll(/\W/g, '-')}-${line}.ts`);
    writeFileSync(file, `${code}\nexport {};\n`);
    return file;
  });
  return { folder, files, args: [...STRICT, ...DECORATORS, ...files] };
}

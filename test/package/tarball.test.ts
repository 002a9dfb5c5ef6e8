import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { describe, expect, inject, it } from 'vitest';

// What npm would publish, file by file. The expected list is made from the sources that git knows, so that a new source file needs
// no entry here, and a file that only lies in somebody's folder fails.

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const ONLY_IN_ESM = /^src\/(?:cli|assess|migrate)\//;
/** As npm shows it. Twice the size of today would be a mistake. */
const BUDGET = { packedBytes: 1_500_000, unpackedBytes: 6_000_000 };

const bytes = () => readFileSync(inject('tarball'));
const packed = createPackageFromTarballData(new Uint8Array(bytes()));
const inside = '/node_modules/cognito-cutover/';

const tracked = execFileSync('git', ['ls-files'], {
  cwd: root,
  encoding: 'utf8',
}).split('\n');

/** What the compiler makes of a source file, in both published forms. */
function builtFrom(source: string): string[] {
  const [stem = ''] = source.split(/\.(?:ts|js)$/);
  const made = [`${stem}.js`, `${stem}.d.ts`];
  const forms = ONLY_IN_ESM.test(source) ? ['esm'] : ['esm', 'cjs'];
  return forms.flatMap((form) => made.map((name) => `dist/${form}/${name}`));
}

function expected(): string[] {
  const sources = tracked.filter((file) => /^(?:src|middleware)\/.*\.(?:ts|js)$/.test(file));
  const docs = tracked.filter((file) => /^docs\/(?:[\w-]+\.md|iam\/[\w-]+\.json)$/.test(file));
  const beside = ['CHANGELOG.md', 'LICENSE', 'README.md', 'SECURITY.md', 'package.json', 'dist/cjs/package.json'];
  return [...sources.flatMap(builtFrom), ...docs, ...beside].sort();
}

describe('the files of the tarball', () => {
  const files = packed
    .listFiles()
    .map((file) => file.slice(inside.length))
    .sort();

  it('are those built from the sources, the docs, and nothing else', () => {
    expect(files.length).toBeGreaterThan(1000);
    expect(files).toEqual(expected());
  });

  it('hold no secret, no machine path and no map', () => {
    const suspicious =
      /-----BEGIN [A-Z ]*PRIVATE KEY|AKIA(?!TEST|IOSFODNN7EXAMPLE)[A-Z0-9]{16}|_authToken|npm_[A-Za-z0-9]{36}/;
    const foreign = new RegExp(`${root}|/home/(?!ec2-user|app)\\w+/|^//# sourceMappingURL`, 'm');
    const found = files.filter((file) => {
      const text = packed.readFile(inside + file);
      return suspicious.test(text) || foreign.test(text);
    });
    expect(found).toEqual([]);
  });

  it('stay within the budget', () => {
    const size = bytes().length;
    const unpacked = files.reduce((sum, file) => sum + Buffer.byteLength(packed.readFile(inside + file)), 0);
    console.log(
      `tarball: ${files.length} files, ${(size / 1e6).toFixed(2)} MB packed, ${(unpacked / 1e6).toFixed(2)} MB`,
    );
    expect(size).toBeLessThan(BUDGET.packedBytes);
    expect(unpacked).toBeLessThan(BUDGET.unpackedBytes);
  });
});

describe('what checkers of packages say', () => {
  it('publint finds nothing, not even a suggestion', async () => {
    const { buffer, byteOffset, byteLength } = bytes();
    const tarball = buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
    const { messages, pkg } = await publint({ pack: { tarball }, strict: true });
    expect(messages.map((message) => formatMessage(message, pkg ?? {}, { color: false }))).toEqual([]);
  });

  it('are-the-types-wrong finds no problem, in any way to resolve a module', { timeout: 240_000 }, async () => {
    const result = await checkPackage(packed);
    if (result.types === false) throw new Error('The package has no types.');
    const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { exports: object };
    expect(Object.keys(result.entrypoints).sort()).toEqual(Object.keys(exports).sort());
    expect(result.problems).toEqual([]);
  });
});

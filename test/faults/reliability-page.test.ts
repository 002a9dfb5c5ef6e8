import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { faultRows } from './fault-rows.js';

const ROOT = new URL('../../', import.meta.url);
const read = (file: string) => readFileSync(new URL(file, ROOT), 'utf8');
const FAULT = /\bfault\(\s*'([^']+)',\s*'([^']+)',/g;

const faults = readdirSync(fileURLToPath(new URL('test/faults', ROOT)), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.test.ts'))
  .map((name) => `test/faults/${name}`)
  .flatMap((file) => [...read(file).matchAll(FAULT)].map(([, fault = '', promise = '']) => ({ file, fault, promise })));

/** A long form imports its short one, where the tests stand. */
const sourceOf = (file: string) => {
  const text = read(file);
  const [, imported] = /^import '\.\/(.+)\.js';$/m.exec(text) ?? [];
  return imported === undefined ? text : read(`${file.slice(0, file.lastIndexOf('/'))}/${imported}.ts`);
};

describe('docs/reliability.md', () => {
  const rows = faultRows();

  it('has every fault of test/faults, in the same words', () => {
    const written = rows.filter(({ file }) => file.startsWith('test/faults/'));
    const shown = written.map(({ fault, promise, file }) => ({ file, fault, promise }));
    const inOrder = (list: readonly (typeof faults)[number][]) =>
      list.toSorted((a, b) => a.fault.localeCompare(b.fault, 'en'));
    expect(inOrder(shown)).toEqual(inOrder(faults));
    expect(written.map(({ title }) => title)).toEqual(written.map(({ fault }) => fault));
  });

  it.each(rows.map((row) => [row.fault, row] as const))('%s: its command names a test that exists', (_, row) => {
    expect(row.command).toContain(row.file === '' ? 'npx vitest run test/' : row.file);
    expect(row.file).not.toBe('');
    expect(row.command.includes('--config vitest.long.config.ts')).toBe(row.file.endsWith('.long.test.ts'));
    const words = row.title.replaceAll("'", "\\'");
    const source = sourceOf(row.file);
    expect(source.includes(row.title) || source.includes(words)).toBe(true);
    expect([row.promise, row.seen].filter((cell) => cell.trim() === '')).toEqual([]);
  });

  it('names each fault once', () => {
    const names = rows.map(({ fault }) => fault);
    expect(names).toEqual([...new Set(names)]);
  });
});

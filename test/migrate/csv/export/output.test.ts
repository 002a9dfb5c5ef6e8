import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ExportFiles } from '../../../../src/migrate/csv/export/output.js';
import { refusal } from '../../../../src/migrate/csv/format/reasons.js';
import { newFolder } from '../support.js';

function written(limits: { users: number; bytes: number }, lines: readonly string[]) {
  const folder = newFolder();
  mkdirSync(folder);
  const files = new ExportFiles(folder, ['a', 'b'], limits);
  for (const [at, line] of lines.entries()) files.add(line, `sub-${at}`);
  return { folder, files, textOf: (name: string) => readFileSync(join(folder, name), 'utf8') };
}

it('begins another file, with the header, where one has as many users as Cognito takes', () => {
  const { files, textOf } = written({ users: 2, bytes: 1000 }, ['1,1', '2,2', '3,3']);
  expect(files.finish().files.map(({ name, users }) => [name, users])).toEqual([
    ['import-0001.csv', 2],
    ['import-0002.csv', 1],
  ]);
  expect(textOf('import-0001.csv')).toBe('a,b\n1,1\n2,2\n');
  expect(textOf('import-0002.csv')).toBe('a,b\n3,3\n');
  expect(textOf('lines.csv')).toContain('import-0002.csv,2,sub-2\r\n');
});

it('counts bytes, not characters', () => {
  // The header has 4 bytes, a row 5, and its line break 1.
  const { files } = written({ users: 9, bytes: 16 }, ['é,é', 'é,é', 'é,é']);
  expect(files.finish().files.map(({ bytes }) => bytes)).toEqual([16, 10]);
});

it('gives no file its name before all are complete', () => {
  const { folder, files, textOf } = written({ users: 9, bytes: 1000 }, ['1,1']);
  files.refuse('sub-9', refusal('disabled'));
  expect(readdirSync(folder).every((name) => name.endsWith('.part'))).toBe(true);
  expect(files.finish().lists.map(({ name }) => name)).toEqual(['lines.csv', 'not-imported.csv']);
  expect(readdirSync(folder)).toEqual(['import-0001.csv', 'lines.csv', 'not-imported.csv']);
  expect(textOf('not-imported.csv')).toContain('sub-9,disabled,');
});

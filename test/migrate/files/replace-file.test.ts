import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { replaceFile } from '../../../src/migrate/files/replace-file.js';
import { folder } from '../../support/folder.js';

describe('replaceFile', () => {
  it('writes every part, for the owner alone, and leaves nothing beside it', async () => {
    const dir = folder();
    const path = join(dir, 'out.csv');
    const parts = Array.from({ length: 5_000 }, (_, n) => `line ${n}: žluťoučký kůň\n`);
    await replaceFile('--csv', path, parts);
    expect(readFileSync(path, 'utf8')).toBe(parts.join(''));
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(dir)).toEqual(['out.csv']);
  });

  it('takes the place of an older file that others could read', async () => {
    const path = join(folder(), 'out.csv');
    writeFileSync(path, 'old', { mode: 0o644 });
    await replaceFile('--csv', path, ['new']);
    expect(readFileSync(path, 'utf8')).toBe('new');
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('keeps the older file, and leaves nothing beside it, when the parts fail half way', async () => {
    const dir = folder();
    const path = join(dir, 'out.csv');
    writeFileSync(path, 'old');
    const parts = function* () {
      yield 'x'.repeat(200_000);
      throw new Error('the state is gone');
    };
    await expect(replaceFile('--csv', path, parts())).rejects.toThrow('the state is gone');
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(dir)).toEqual(['out.csv']);
  });

  it('can be written by several at once: one of them is there in the end, whole', async () => {
    const dir = folder();
    const path = join(dir, 'out.csv');
    const texts = ['a', 'b', 'c'].map((letter) => letter.repeat(300_000));
    await Promise.all(texts.map((text) => replaceFile('--csv', path, [text, text])));
    expect(texts.map((text) => text.repeat(2))).toContain(readFileSync(path, 'utf8'));
    expect(readdirSync(dir)).toEqual(['out.csv']);
  });

  it.each([
    ['a folder that does not exist', 'none/out.csv', /^--csv: cannot write .* \(ENOENT\)$/],
    ['a folder', 'sub', /^--csv: .* is not a regular file$/],
    ['a device', 'null', /^--csv: .* is not a regular file$/],
  ])('refuses %s', async (_name, name, message) => {
    const dir = folder();
    mkdirSync(join(dir, 'sub'));
    symlinkSync('/dev/null', join(dir, 'null'));
    await expect(replaceFile('--csv', join(dir, name), ['x'])).rejects.toThrow(message);
  });
});

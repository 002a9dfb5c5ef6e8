import { hash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { GrowingFile, replaceFileSync, sha256Of } from '../../../src/migrate/files/durable-file.js';
import { newFolder } from '../csv/support.js';

function folder(): string {
  const path = newFolder();
  mkdirSync(path);
  return path;
}

describe('a growing file', () => {
  it('gets its name when it is complete, and knows its size and sum', async () => {
    const path = join(folder(), 'a.csv');
    const file = new GrowingFile(path);
    const line = `${'é'.repeat(1000)}\n`;
    for (let n = 0; n < 500; n++) file.add(line);
    expect(readdirSync(join(path, '..'))).toEqual(['.a.csv.part']);
    const text = line.repeat(500);
    expect(file.finish()).toEqual({ bytes: Buffer.byteLength(text), sha256: hash('sha256', text) });
    expect(readFileSync(path, 'utf8')).toBe(text);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(await sha256Of(path)).toBe(hash('sha256', text));
  });

  it('replaces an old one at once', () => {
    const path = join(folder(), 'a.json');
    writeFileSync(path, 'old');
    replaceFileSync(path, 'new');
    expect(readFileSync(path, 'utf8')).toBe('new');
    expect(readdirSync(join(path, '..'))).toEqual(['a.json']);
  });

  it('begins again where a killed process left a draft, whoever could read that', () => {
    const path = join(folder(), 'a.csv');
    writeFileSync(join(path, '..', '.a.csv.part'), 'half of it', { mode: 0o644 });
    replaceFileSync(path, 'new');
    expect(readFileSync(path, 'utf8')).toBe('new');
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('leaves nothing behind when it is discarded', () => {
    const path = join(folder(), 'a.csv');
    const file = new GrowingFile(path);
    file.add('half of it');
    file.discard();
    expect(readdirSync(join(path, '..'))).toEqual([]);
  });

  it('says in words that it cannot be written, or read', async () => {
    const path = join(newFolder(), 'a.csv');
    expect(() => new GrowingFile(path)).toThrow(expect.objectContaining({ code: 'ERR_STATE_STORAGE' }));
    await expect(sha256Of(path)).rejects.toMatchObject({ code: 'ERR_STATE_STORAGE' });
  });
});

import { hash } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { GrowingFile, replaceFileSync, sha256Of, syncFolder } from '../../../src/migrate/files/durable-file.js';
import { newFolder } from '../csv/support.js';

vi.mock('node:fs', async (importOriginal) => {
  const fs = await importOriginal<typeof import('node:fs')>();
  const { openSync: open, closeSync: close, fsyncSync: sync, renameSync: rename } = fs;
  return { ...fs, openSync: vi.fn(open), closeSync: vi.fn(close), fsyncSync: vi.fn(sync), renameSync: vi.fn(rename) };
});
const real = await vi.importActual<typeof import('node:fs')>('node:fs');
afterEach(() => {
  vi.resetAllMocks();
});

/** A call that the system refuses. */
const failing = (code: string) => () => {
  throw Object.assign(new Error(code), { code, syscall: 'fsync' });
};

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

describe('the disk', () => {
  it('has a file before it gets its name, and its name before the file counts as written', () => {
    const path = join(folder(), 'a.json');
    const names = new Map<number, string>();
    const done: string[] = [];
    const { openSync: open, fsyncSync: sync, renameSync: rename } = real;
    vi.mocked(openSync).mockImplementation((name, ...more) => {
      const file = open(name, ...more);
      names.set(file, basename(String(name)));
      return file;
    });
    vi.mocked(fsyncSync).mockImplementation((file) => {
      sync(file);
      done.push(`sync ${names.get(file)}`);
    });
    vi.mocked(renameSync).mockImplementation((from, to) => {
      rename(from, to);
      done.push(`rename ${basename(String(from))}`);
    });
    replaceFileSync(path, 'new');
    expect(done).toEqual(['sync .a.json.part', 'rename .a.json.part', 'sync import']);
  });

  it.each(['EACCES', 'EISDIR'])('need not let a folder be opened: %s', (code) => {
    vi.mocked(openSync).mockImplementationOnce(failing(code));
    expect(() => syncFolder(folder())).not.toThrow();
  });

  it.each(['EBADF', 'EINVAL', 'ENOTSUP', 'EPERM'])('need not be able to sync a folder: %s', (code) => {
    vi.mocked(fsyncSync).mockImplementationOnce(failing(code));
    expect(() => syncFolder(folder())).not.toThrow();
    expect(closeSync).toHaveBeenCalledTimes(1);
  });

  it.each(['EIO', 'ENOSPC'])('must not fail to sync a folder that it can sync: %s', (code) => {
    vi.mocked(fsyncSync).mockImplementationOnce(failing(code));
    expect(() => syncFolder(folder())).toThrow(expect.objectContaining({ code: 'ERR_STATE_STORAGE' }));
    expect(closeSync).toHaveBeenCalledTimes(1);
  });

  it('keeps the old file where the new one cannot be synced', () => {
    const path = join(folder(), 'a.json');
    writeFileSync(path, 'old');
    vi.mocked(fsyncSync).mockImplementationOnce(failing('EIO'));
    expect(() => replaceFileSync(path, 'new')).toThrow(expect.objectContaining({ code: 'ERR_STATE_STORAGE' }));
    expect(readFileSync(path, 'utf8')).toBe('old');
  });
});

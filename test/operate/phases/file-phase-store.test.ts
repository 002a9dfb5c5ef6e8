import { execFileSync } from 'node:child_process';
import {
  closeSync,
  constants,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createFilePhaseStore } from '../../../src/operate/phases/file-phase-store.js';
import { folder } from '../../support/folder.js';
import { phaseStoreContract } from './phase-store-contract.js';

phaseStoreContract('a file', async () => {
  const path = join(folder(), 'phases.json');
  return {
    store: createFilePhaseStore({ path }),
    other: createFilePhaseStore({ path }),
    put: async (text) => (text === undefined ? rmSync(path) : writeFileSync(path, text)),
  };
});

describe('a file of phases', () => {
  it('is replaced, readable for the service, and leaves nothing beside it', async () => {
    const place = folder();
    const path = join(place, 'phases.json');
    const store = createFilePhaseStore({ path });
    await store.write({ acceptUntil: new Date(0) });
    const { ino } = statSync(path);
    await store.write({});
    expect(statSync(path).ino).not.toBe(ino);
    expect(statSync(path).mode & 0o777).toBe(0o644);
    expect(readdirSync(place)).toEqual(['phases.json']);
    expect(readFileSync(path, 'utf8')).toBe('{"announceFrom":null,"acceptSignInsBefore":null,"acceptUntil":null}\n');
  });

  it('behind a link is replaced there', async () => {
    const place = folder();
    const [path, link] = [join(place, 'phases.json'), join(place, 'link.json')];
    writeFileSync(path, '{}');
    symlinkSync(path, link);
    await createFilePhaseStore({ path: link }).write({ acceptUntil: new Date(0) });
    expect(readFileSync(path, 'utf8')).toContain('1970');
    expect(statSync(link).isFile()).toBe(true);
  });

  it('cannot tell where the folder is missing: the path is wrong, or a volume is not mounted', async () => {
    const store = createFilePhaseStore({ path: join(folder(), 'missing', 'phases.json') });
    await expect(store.read()).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(store.write({})).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('cannot tell what it may not read, and keeps what it may not replace', async () => {
    const place = folder();
    const store = createFilePhaseStore({ path: place });
    await expect(store.read()).rejects.toMatchObject({ code: 'EISDIR' });
    await expect(store.write({})).rejects.toThrow();
    expect(readdirSync(place)).toEqual([]);
  });

  it('stops reading when it is told to', async () => {
    const path = join(folder(), 'phases.json');
    writeFileSync(path, '{}');
    await expect(createFilePhaseStore({ path }).read(AbortSignal.abort())).rejects.toMatchObject({
      name: 'AbortError',
    });
  });

  it('on a volume that does not answer, takes one thread: there are four, for the whole process', async () => {
    const path = join(folder(), 'phases.json');
    execFileSync('mkfifo', [path]);
    const store = createFilePhaseStore({ path });
    const limit = new AbortController();
    const first = store.read();
    const others = [store.read(limit.signal), store.read(limit.signal)];
    limit.abort();
    const volume = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
    writeSync(volume, '{}');
    const answered = await Promise.race([first, ...others]);
    expect(answered).toEqual({ announceFrom: null, acceptSignInsBefore: null, acceptUntil: null });
    closeSync(volume);
    for (const other of others) await expect(other).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('that is another, large file is not read whole', async () => {
    const path = join(folder(), 'state.db');
    writeFileSync(path, ' '.repeat(1_000_000));
    await expect(createFilePhaseStore({ path }).read()).rejects.toThrow(
      'plan: expected JSON of at most 16384 characters',
    );
  });

  it.each([
    ['path', {}],
    ['path', { path: '' }],
    ['file', { file: 'phases.json' }],
  ])('names a wrong %s', (option, given) => {
    expect(() => createFilePhaseStore(given as { path: string })).toThrow(expect.objectContaining({ option }));
  });
});

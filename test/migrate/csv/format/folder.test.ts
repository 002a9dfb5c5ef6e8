import { chmodSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { openFolder, prepareFolder } from '../../../../src/migrate/csv/format/folder.js';
import { formatManifest, manifestPath } from '../../../../src/migrate/csv/format/manifest.js';
import { newFolder } from '../support.js';

const POOLS = { legacyPools: ['eu-west-1_Old'], newPool: 'eu-west-1_New' };
const LOCK = 'import.json.lock';

function exported(): string {
  const folder = newFolder();
  mkdirSync(folder, { mode: 0o700 });
  const manifest = { ...POOLS, attribute: 'custom:legacy_sub', columns: ['email'], files: [], lists: [] };
  writeFileSync(manifestPath(folder), formatManifest({ ...manifest, finishedAt: null }));
  writeFileSync(join(folder, 'import-0001.csv'), '');
  return folder;
}

describe('a folder to export into', () => {
  it('is made for its owner alone', () => {
    const folder = newFolder();
    prepareFolder(folder, POOLS).release();
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  });

  it('is emptied of an earlier export of the same pools', () => {
    const folder = exported();
    prepareFolder(folder, POOLS).release();
    expect(readdirSync(folder)).toEqual([LOCK]);
  });

  it('is kept from other runs until it is released', () => {
    const folder = newFolder();
    const lock = prepareFolder(folder, POOLS);
    const locked = expect.objectContaining({ code: 'ERR_STATE_LOCKED' });
    expect(() => prepareFolder(folder, POOLS)).toThrow(locked);
    expect(() => openFolder(folder, () => {})).toThrow(locked);
    lock.release();
    prepareFolder(folder, POOLS).release();
  });

  it('is not touched where it is of other pools', () => {
    const folder = exported();
    expect(() => prepareFolder(folder, { ...POOLS, newPool: 'eu-west-1_Other' })).toThrow(
      expect.objectContaining({ option: 'out', message: expect.stringContaining('an export of other pools') }),
    );
    expect(readdirSync(folder)).toEqual(['import-0001.csv', 'manifest.json']);
  });
});

describe('a folder to import from', () => {
  it('loses what a killed run left, and nothing else', () => {
    const folder = exported();
    writeFileSync(join(folder, '.missing.csv.part'), '');
    writeFileSync(join(folder, '.mine'), '');
    openFolder(folder, () => {}).release();
    expect(readdirSync(folder)).toEqual(['.mine', 'import-0001.csv', LOCK, 'manifest.json']);
  });

  it.each([
    [0o700, 0],
    [0o755, 1],
  ])('with the mode %o is closed to others, which is told: %d', (mode, times) => {
    const folder = exported();
    chmodSync(folder, mode);
    const closed = vi.fn();
    openFolder(folder, closed).release();
    expect(closed).toHaveBeenCalledTimes(times);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  });

  it('is refused where others can write to it', () => {
    const folder = exported();
    chmodSync(folder, 0o770);
    expect(() => openFolder(folder, () => {})).toThrow(expect.objectContaining({ option: 'from' }));
  });
});

import { hash } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ImportService } from '../../../../src/directory/import-types.js';
import { Pace } from '../../../../src/migrate/calls/pace.js';
import { checkColumns, checkFiles } from '../../../../src/migrate/csv/import/check-export.js';
import { AutoClock } from '../../support/auto-clock.js';
import { newFolder } from '../support.js';

const TEXT = 'email\nann@example.com\n';
const written = (name: string) => ({ name, bytes: TEXT.length, sha256: hash('sha256', TEXT) });
const MANIFEST = {
  ...{ legacyPools: ['eu-west-1_Old'], newPool: 'eu-west-1_New', attribute: 'custom:legacy_sub', finishedAt: null },
  columns: ['email', 'name'],
  files: [{ ...written('import-0001.csv'), users: 1 }],
  lists: [written('lines.csv')],
};

function exported(): string {
  const folder = newFolder();
  mkdirSync(folder);
  for (const name of ['import-0001.csv', 'lines.csv']) writeFileSync(join(folder, name), TEXT);
  return folder;
}

describe('the files', () => {
  it('pass as they were exported', () => checkFiles(exported(), MANIFEST));

  it.each<[string, (folder: string) => void, string]>([
    ['is longer', (folder) => writeFileSync(join(folder, 'import-0001.csv'), `${TEXT} `), 'has changed'],
    ['is another', (folder) => writeFileSync(join(folder, 'lines.csv'), TEXT.toUpperCase()), 'has changed'],
    ['is gone', (folder) => rmSync(join(folder, 'lines.csv')), 'is missing'],
  ])('are refused where one of them %s', async (_name, spoil, message) => {
    const folder = exported();
    spoil(folder);
    await expect(checkFiles(folder, MANIFEST)).rejects.toMatchObject({
      option: 'from',
      message: expect.stringContaining(message),
    });
  });
});

describe('the columns', () => {
  const check = (columns: readonly string[]) => {
    const clock = new AutoClock();
    const service = { userPoolId: 'eu-west-1_New', columns: async () => columns } as unknown as ImportService;
    return checkColumns(service, MANIFEST, { clock, pace: new Pace(10, clock) });
  };

  it('may have another order', () => check(['name', 'email']));

  it('are refused where the pool has others', async () => {
    await expect(check(['name', 'email', 'custom:new'])).rejects.toMatchObject({ code: 'ERR_POOL' });
  });
});

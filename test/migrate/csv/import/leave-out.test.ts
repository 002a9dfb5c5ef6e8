import { cpSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ExportFiles } from '../../../../src/migrate/csv/export/output.js';
import { RowMaker } from '../../../../src/migrate/csv/export/row.js';
import { openFolder, prepareFolder } from '../../../../src/migrate/csv/format/folder.js';
import { formatManifest, manifestPath, readManifest } from '../../../../src/migrate/csv/format/manifest.js';
import { checkFiles } from '../../../../src/migrate/csv/import/check-export.js';
import { leaveOut } from '../../../../src/migrate/csv/import/leave-out.js';
import { replaceFileSync } from '../../../../src/migrate/files/durable-file.js';
import { COLUMNS, newFolder, target, user } from '../support.js';

/** Two users in each of three files, and one who is not imported. */
function exported(): string {
  const folder = newFolder();
  const pools = { legacyPools: ['eu-west-1_Old'], newPool: 'eu-west-1_New' };
  prepareFolder(folder, pools).release();
  const output = new ExportFiles(folder, COLUMNS, { users: 2, bytes: 1e8 });
  for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) {
    const row = new RowMaker(target()).make(
      user({ name: `${name}, the first` }, { username: name, sub: `${name}-sub` }),
    );
    if ('line' in row) output.add(row.line, row.sub);
  }
  output.refuse('z-sub', { reason: 'disabled', name: '' });
  const head = { ...pools, attribute: 'custom:legacy_sub', columns: COLUMNS };
  replaceFileSync(
    manifestPath(folder),
    formatManifest({ ...head, ...output.finish(), finishedAt: '2026-01-15T12:00:00.000Z' }),
  );
  return folder;
}

const CD_AND_A = { files: new Set(['import-0001.csv', 'import-0002.csv']), subs: ['c-sub', 'd-sub', 'a-sub'] };

function manifestOf(folder: string) {
  const manifest = readManifest('from', folder);
  if (manifest === undefined) throw new Error('no manifest');
  return manifest;
}

const without = (folder: string) =>
  leaveOut(folder, manifestOf(folder), { files: CD_AND_A.files, has: (sub) => CD_AND_A.subs.includes(sub) });

/** Every file with its text, but the lock's. */
const contents = (folder: string) =>
  Object.fromEntries(
    readdirSync(folder)
      .filter((name) => !name.endsWith('.lock'))
      .sort()
      .map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
  );

describe('leaving users out of an export', () => {
  it('makes an export without them, with lines of its own, and says who they are', async () => {
    const folder = exported();
    const untouched = readFileSync(join(folder, 'import-0003.csv'), 'utf8');
    const manifest = await without(folder);
    await checkFiles(folder, manifest);
    expect(manifest.files.map(({ name, users }) => [name, users])).toEqual([
      ['import-0001.csv', 1],
      ['import-0003.csv', 2],
    ]);
    const {
      'lines.csv': lines,
      'not-imported.csv': notImported,
      'import-0001.csv': first,
      ...others
    } = contents(folder);
    expect(lines).toBe(
      'file,line,legacy_sub\r\nimport-0001.csv,2,b-sub\r\nimport-0003.csv,2,e-sub\r\nimport-0003.csv,3,f-sub\r\n',
    );
    expect(first?.split('\n')).toHaveLength(3);
    expect(first).toContain('b\\, the first');
    expect(notImported?.split('\r\n').map((line) => line.split(',').slice(0, 2).join())).toEqual([
      'legacy_sub,reason',
      'z-sub,disabled',
      'a-sub,arrived-since',
      'c-sub,arrived-since',
      'd-sub,arrived-since',
      '',
    ]);
    expect(Object.keys(others)).toEqual(['import-0003.csv', 'manifest.json']);
    expect(others['import-0003.csv']).toBe(untouched);
  });

  it('is finished by the next run, wherever it ended after its manifest was there', async () => {
    const [before, after] = [exported(), exported()];
    await without(after);
    const renamed = ['import-0001.csv', 'lines.csv', 'not-imported.csv'];
    for (let done = 0; done <= renamed.length; done += 1) {
      const folder = newFolder();
      cpSync(before, folder, { recursive: true, mode: 0 });
      for (const name of ['manifest.json', ...renamed.slice(done)]) {
        cpSync(join(after, name), join(folder, `.${name}.next`));
      }
      // It holds nobody.
      cpSync(join(before, 'import-0002.csv'), join(folder, '.import-0002.csv.next'));
      for (const name of renamed.slice(0, done)) cpSync(join(after, name), join(folder, name));
      openFolder(folder, () => {}).release();
      expect(contents(folder), `${done}`).toEqual(contents(after));
    }
  });

  it('never began where its manifest is not there', async () => {
    const [folder, after] = [exported(), exported()];
    const before = contents(folder);
    await without(after);
    renameSync(join(after, 'lines.csv'), join(folder, '.lines.csv.next'));
    renameSync(join(after, 'import-0001.csv'), join(folder, '..import-0001.csv.next.part'));
    openFolder(folder, () => {}).release();
    expect(contents(folder)).toEqual(before);
    rmSync(after, { recursive: true });
  });
});

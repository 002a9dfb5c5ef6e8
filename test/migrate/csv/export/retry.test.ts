import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { missingOf } from '../../../../src/migrate/csv/export/retry.js';
import { ImportRecord } from '../../../../src/migrate/csv/format/import-record.js';
import { formatManifest, manifestPath } from '../../../../src/migrate/csv/format/manifest.js';
import { csvLine } from '../../../../src/migrate/files/csv-line.js';
import { newFolder } from '../support.js';

const POOLS = { legacyPools: ['eu-west-1_Old'], newPool: 'eu-west-1_New', attribute: 'custom:legacy_sub' };
const FINISHED_AT = '2026-01-15T12:00:00.000Z';
const LATER = Date.parse(FINISHED_AT) + 1;

/** An export whose import failed for two users. */
function imported(): string {
  const folder = newFolder();
  mkdirSync(folder);
  const file = { bytes: 1, sha256: 'ab'.repeat(32) };
  const files = ['import-0001.csv', 'import-0002.csv'].map((name) => ({ ...file, name, users: 2 }));
  const lists = ['lines.csv', 'not-imported.csv'].map((name) => ({ ...file, name }));
  const manifest = { ...POOLS, columns: ['email'], files, lists, finishedAt: FINISHED_AT };
  writeFileSync(manifestPath(folder), formatManifest(manifest));
  const record = new ImportRecord(folder);
  const end = { status: 'Failed', imported: 1, skipped: 0, failed: 1, message: '' };
  for (const { name } of files) record.set(name, { attempt: 1, importedBefore: 0, end });
  writeFileSync(
    join(folder, 'missing.csv'),
    'legacy_sub,file,line\r\nann-sub,import-0001.csv,2\r\n"bob,sub",import-0002.csv,3\r\n',
  );
  return folder;
}

describe('who is exported again', () => {
  it('is whom the import did not bring in', async () => {
    const subs: string[] = [];
    for await (const sub of missingOf(imported(), POOLS, LATER)) subs.push(sub);
    expect(subs).toEqual(['ann-sub', 'bob,sub']);
  });

  it('is read as it was written, whatever stands in it', async () => {
    const folder = imported();
    const written = ['=1+1', "'quoted", 'say "hi"', 'a,b', '-1', ' z ', '\u2028'];
    const lines = ['legacy_sub', ...written].map((sub) => csvLine([sub, 'import-0001.csv', '2']));
    writeFileSync(join(folder, 'missing.csv'), lines.join(''));
    const subs: string[] = [];
    for await (const sub of missingOf(folder, POOLS, LATER)) subs.push(sub);
    expect(subs).toEqual(written);
  });

  it.each<[string, (folder: string) => void, object, string]>([
    ['a folder without an export', (folder) => rmSync(manifestPath(folder)), {}, 'is not the folder of an export'],
    ['another new pool', () => {}, { newPool: 'eu-west-1_Other' }, 'of other pools'],
    ['other legacy pools', () => {}, { legacyPools: ['eu-west-1_Other'] }, 'of other pools'],
    ['another attribute', () => {}, { attribute: 'custom:other' }, 'for the attribute custom:legacy_sub'],
    [
      'an import that never began',
      (folder) => rmSync(join(folder, 'import.json')),
      {},
      'import-0001.csv has not ended',
    ],
    [
      'an import that has not come to its end',
      (folder) => new ImportRecord(folder).set('import-0002.csv', { attempt: 1, importedBefore: 0, jobId: 'import-1' }),
      {},
      'import-0002.csv has not ended',
    ],
    ['an import that did not look', (folder) => rmSync(join(folder, 'missing.csv')), {}, 'missing.csv is missing'],
  ])('cannot be said of %s', (_name, spoil, pools, message) => {
    const folder = imported();
    spoil(folder);
    const refused = expect.objectContaining({ option: 'retry', message: expect.stringContaining(message) });
    expect(() => missingOf(folder, { ...POOLS, ...pools }, LATER)).toThrow(refused);
  });

  it('cannot be said by a plan that is older than the export', () => {
    const refused = expect.objectContaining({ code: 'ERR_STATE_NOT_READY' });
    expect(() => missingOf(imported(), POOLS, LATER - 1)).toThrow(refused);
  });
});

import { mkdirSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../../../src/errors.js';
import {
  formatManifest,
  type Manifest,
  manifestPath,
  readManifest,
  requireExportOf,
} from '../../../../src/migrate/csv/format/manifest.js';
import { newFolder } from '../support.js';

const MANIFEST: Manifest = {
  legacyPools: ['eu-west-1_Old'],
  newPool: 'eu-west-1_New',
  attribute: 'custom:legacy_sub',
  columns: ['cognito:username'],
  files: [{ name: 'import-0001.csv', users: 2, bytes: 100, sha256: 'ab'.repeat(32) }],
  lists: ['lines.csv', 'not-imported.csv'].map((name) => ({ name, bytes: 9, sha256: 'cd'.repeat(32) })),
  finishedAt: '2026-01-15T12:00:00.000Z',
};

function folderWith(text: string): string {
  const folder = newFolder();
  mkdirSync(folder);
  writeFileSync(manifestPath(folder), text);
  return folder;
}

describe('the manifest of an export', () => {
  it.each([MANIFEST, { ...MANIFEST, files: [], lists: [], finishedAt: null }])(
    'is read as it was written',
    (manifest) => {
      expect(readManifest('from', folderWith(formatManifest(manifest)))).toEqual(manifest);
    },
  );

  it('may be absent', () => expect(readManifest('from', newFolder())).toBeUndefined());

  const [file] = MANIFEST.files;
  const [list] = MANIFEST.lists;
  it.each<[string, object | string]>([
    ['is no JSON', '{'],
    ['is no object', '[]'],
    ['is of something else', '{"kind":"other"}'],
    ['names no pool', { newPool: '' }],
    ['names no legacy pools', { legacyPools: 'eu-west-1_Old' }],
    ['names no attribute', { attribute: null }],
    ['has strange columns', { columns: [1] }],
    ['has a strange date', { finishedAt: 'yesterday' }],
    ['has no list of files', { files: {} }],
    ['leads out of its folder', { files: [{ ...file, name: '../import-0001.csv' }] }],
    ['has a strange sum', { files: [{ ...file, sha256: 'x' }] }],
    ['has a strange size', { files: [{ ...file, bytes: -1 }] }],
    ['has a strange number of users', { files: [{ ...file, users: '2' }] }],
    ['knows nothing about whose line is whose', { lists: undefined }],
    ['is complete and does not know both lists', { lists: [list] }],
    ['names another list', { lists: [...MANIFEST.lists, { ...list, name: 'other.csv' }] }],
    ['has a strange sum of a list', { lists: MANIFEST.lists.map((one) => ({ ...one, sha256: '' })) }],
  ])('is refused where it %s', (_name, change) => {
    const text = typeof change === 'string' ? change : formatManifest(Object.assign({}, MANIFEST, change));
    expect(() => readManifest('from', folderWith(text))).toThrow(ConfigurationError);
  });

  it.each([1, 3])('of format %s is told from one that is damaged, with what to do', (version) => {
    const folder = folderWith(formatManifest(MANIFEST).replace('"version": 2', `"version": ${version}`));
    expect(() => readManifest('from', folder)).toThrow('another version of cognito-cutover (format');
    expect(() => readManifest('from', folder)).toThrow('run export-csv again, into another folder');
  });

  it('is refused where it cannot be read', () => {
    const folder = newFolder();
    mkdirSync(manifestPath(folder), { recursive: true });
    expect(() => readManifest('from', folder)).toThrow('EISDIR');
  });
});

describe('the pools of an export', () => {
  const made = { legacyPools: ['eu-west-1_One', 'eu-west-1_Two'], newPool: 'eu-west-1_New' };

  it('may be named in any order', () => {
    expect(() =>
      requireExportOf('out', 'f', made, { ...made, legacyPools: made.legacyPools.toReversed() }),
    ).not.toThrow();
  });

  it.each([
    { ...made, newPool: 'eu-west-1_Other' },
    { ...made, legacyPools: ['eu-west-1_One'] },
    { ...made, legacyPools: ['eu-west-1_One', 'eu-west-1_Other'] },
  ])('are refused if they are others: %j', (pools) => {
    expect(() => requireExportOf('out', 'f', made, pools)).toThrow(
      new ConfigurationError('out', 'f holds an export of other pools: eu-west-1_One, eu-west-1_Two -> eu-west-1_New'),
    );
  });
});

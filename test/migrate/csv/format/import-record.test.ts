import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type FileRecord, ImportRecord } from '../../../../src/migrate/csv/format/import-record.js';
import { newFolder } from '../support.js';

function folder(): string {
  const path = newFolder();
  mkdirSync(path);
  return path;
}

const DONE: FileRecord = {
  attempt: 2,
  jobId: 'import-1',
  uploaded: true,
  importedBefore: 3,
  end: { status: 'Succeeded', imported: 1, skipped: 0, failed: 0, message: '' },
};

describe('the record of an import', () => {
  it('is there for the next process as soon as it is set', () => {
    const path = folder();
    new ImportRecord(path).set('import-0001.csv', DONE);
    const record = new ImportRecord(path);
    expect(record.get('import-0001.csv')).toEqual(DONE);
    expect(record.get('import-0002.csv')).toBeUndefined();
    expect(statSync(join(path, 'import.json')).mode & 0o777).toBe(0o600);
  });

  it.each([
    '',
    '{}',
    '{"kind":"cognito-cutover import","version":2,"files":{}}',
    '{"kind":"cognito-cutover import","version":1,"files":{"import-0001.csv":{"attempt":"1"}}}',
  ])('is not guessed from %j', (text) => {
    const path = folder();
    writeFileSync(join(path, 'import.json'), text);
    expect(() => new ImportRecord(path)).toThrow(expect.objectContaining({ code: 'ERR_STATE_INVALID' }));
  });

  it('is not taken for absent where it cannot be read', () => {
    const path = folder();
    mkdirSync(join(path, 'import.json'));
    expect(() => new ImportRecord(path)).toThrow(expect.objectContaining({ code: 'ERR_STATE_STORAGE' }));
  });
});

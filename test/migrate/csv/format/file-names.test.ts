import { expect, it } from 'vitest';
import { IMPORT_FILE, importFileName } from '../../../../src/migrate/csv/format/file-names.js';

it('numbers files so that they sort', () => expect(importFileName(12)).toBe('import-0012.csv'));

it.each([
  [importFileName(1), true],
  [importFileName(12_345), true],
  ['import-001.csv', false],
  ['../import-0001.csv', false],
  ['import-0001.csv.next', false],
])('%s is the name of an import file: %s', (name, is) => expect(IMPORT_FILE.test(name)).toBe(is));

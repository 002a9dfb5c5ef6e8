import { readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type CsvRecord, csvRecords } from '../../../src/migrate/files/csv-records.js';
import { folder } from '../../support/folder.js';
import { HAS } from '../../support/tools.js';

async function recordsOf(content: string | Buffer): Promise<CsvRecord[]> {
  const path = join(folder(), 'a.csv');
  writeFileSync(path, content);
  const records: CsvRecord[] = [];
  for await (const record of csvRecords('--mapping', path)) records.push(record);
  return records;
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return ''; // Closed meanwhile.
  }
}

describe('records of a CSV', () => {
  it('come with their lines, whatever the line breaks, and without a byte order mark', async () => {
    expect(await recordsOf('\uFEFFa,b\r\n\r\n"1\n2","say ""hi"""\n3\n')).toEqual([
      { record: ['a', 'b'], line: 1 },
      { record: ['1\n2', 'say "hi"'], line: 4 },
      { record: ['3'], line: 5 },
    ]);
  });

  it.each<[string, string | Buffer, string]>([
    ['quotes that do not match', 'a,b\n"1,2\n', 'the quotes do not match'],
    ['text that is not UTF-8', Buffer.from('a,b\n1,\xe9\n', 'latin1'), 'line 2: the file is not UTF-8'],
    ['UTF-16', Buffer.from('a,b\n1,2\n', 'utf16le'), 'the file is not UTF-8'],
  ])('are refused with %s, by the line', async (_name, content, message) => {
    await expect(recordsOf(content)).rejects.toMatchObject({
      option: '--mapping',
      message: expect.stringContaining(message),
    });
  });

  it.skipIf(!HAS.procFiles)('leave no file open, read to the end or refused', async () => {
    const open = () => readdirSync('/proc/self/fd').map((fd) => linkOf(`/proc/self/fd/${fd}`));
    await recordsOf('a,b\n1,2\n');
    await expect(recordsOf(`a,b\n"1,2\n${'3,4\n'.repeat(50_000)}`)).rejects.toThrow('the quotes do not match');
    await expect.poll(() => open().filter((file) => file.endsWith('a.csv'))).toEqual([]);
  });

  it('are refused where the file cannot be read', async () => {
    await expect(csvRecords('--mapping', '/nowhere/a.csv').next()).rejects.toMatchObject({
      option: '--mapping',
      message: '--mapping: cannot read /nowhere/a.csv (ENOENT)',
    });
  });
});

import { randomUUID } from 'node:crypto';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSnapshot, SnapshotError, snapshotEnd, snapshotLine } from '../../src/legacy-id/mapping-snapshot.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'snapshot-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function read(content: string | Uint8Array) {
  const path = join(folder, randomUUID());
  await writeFile(path, content);
  const file = await open(path);
  try {
    return await readSnapshot(file);
  } finally {
    await file.close();
  }
}

const a = snapshotLine('a', 'legacy-a');
const b = snapshotLine('b', 'legacy-b');
const uuid = snapshotLine('c4e80448-b0a1-70f2-0000-000000000000', 'c4e80448-b0a1-70f2-0000-000000000001');

describe('readSnapshot', () => {
  it('reads UUIDs and everything else alike', async () => {
    const snapshot = await read(a + uuid + b + snapshotEnd(3));
    expect(snapshot.users).toBe(3);
    expect(snapshot.get('a')).toBe('legacy-a');
    expect(snapshot.get('c4e80448-b0a1-70f2-0000-000000000000')).toBe('c4e80448-b0a1-70f2-0000-000000000001');
    expect(snapshot.get('c')).toBeUndefined();
  });

  it('reads a file without users', async () => {
    expect((await read(snapshotEnd(0))).users).toBe(0);
  });

  it('reads files of many chunks', async () => {
    const users = Array.from({ length: 20_000 }, (_, n) => [`süb-😀-${n}`, `lègacy-${n}`] as const);
    const lines = users.map(([sub, legacyId]) => snapshotLine(sub, legacyId));
    const snapshot = await read(lines.join('') + snapshotEnd(users.length));
    expect(users.every(([sub, legacyId]) => snapshot.get(sub) === legacyId)).toBe(true);
  });

  it.each([1, 2, 3, 4])('reads characters of several bytes wherever a chunk ends (%d)', async (shift) => {
    const subs = ['a'.repeat(shift), ...Array.from({ length: 70 }, (_, n) => `${n}${'😀'.repeat(1_000)}`)];
    const snapshot = await read(subs.map((sub) => snapshotLine(sub, `of ${sub}`)).join('') + snapshotEnd(subs.length));
    expect(subs.every((sub) => snapshot.get(sub) === `of ${sub}`)).toBe(true);
  });

  it.each<[string, string | Uint8Array, string]>([
    ['an empty file', '', 'the number of users is missing'],
    ['a file cut between two lines', a + b, 'the number of users is missing'],
    ['a file cut within a line', a + b.slice(0, 10), 'cut short'],
    ['a file cut within its last line', a + snapshotEnd(1).slice(0, -1), 'cut short'],
    ['a file from which a line is gone', a + snapshotEnd(2), 'says 2 users, there are 1'],
    ['two files in one', a + snapshotEnd(1) + b + snapshotEnd(1), 'line 3 comes after the last line'],
    ['a user twice', a + snapshotLine('a', 'other') + snapshotEnd(2), 'line 2 repeats a user'],
    ['a user twice, with UUIDs', uuid + uuid + snapshotEnd(2), 'line 2 repeats a user'],
    [
      'a user twice, once with a UUID',
      uuid + snapshotLine('c4e80448-b0a1-70f2-0000-000000000000', 'x') + snapshotEnd(2),
      'line 2 repeats',
    ],
    ['an empty sub', snapshotLine('', 'legacy-a') + snapshotEnd(1), 'line 1 has an empty value'],
    ['a number for a sub', `{"newSub":1,"legacyId":"a"}\n${snapshotEnd(1)}`, 'line 1 is neither'],
    ['an empty legacy id', snapshotLine('a', '') + snapshotEnd(1), 'line 1 has an empty value'],
    ['a number for a legacy id', `{"newSub":"a","legacyId":1}\n${snapshotEnd(1)}`, 'line 1 is neither'],
    ['an empty line', `${a}\n${snapshotEnd(1)}`, 'line 2 is neither'],
    ['CSV', 'new_sub,legacy_sub\n', 'line 1 is neither'],
    ['a line without end', 'x'.repeat(400_000), 'line 1 is too long'],
    ['bytes that are no text', Uint8Array.from([0x7b, 0xff, 0xfe, 0x0a]), 'not UTF-8'],
    [
      'half a character behind the last line',
      Buffer.concat([Buffer.from(a + snapshotEnd(1)), Buffer.of(0xe2)]),
      'UTF-8',
    ],
  ])('refuses %s', async (_name, content, message) => {
    const refused = read(content);
    await expect(refused).rejects.toThrow(SnapshotError);
    await expect(refused).rejects.toThrow(message);
  });
});

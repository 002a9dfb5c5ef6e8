import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, it, vi } from 'vitest';
import { createFileDrainStore } from '../../../../src/operate/drain/stores/file-drain-store.js';
import { folder } from '../../../support/folder.js';
import { recordOf, runOf } from '../support.js';

vi.mock('node:fs/promises', async (original) => {
  const actual = await original<typeof import('node:fs/promises')>();
  return { ...actual, open: vi.fn(actual.open) };
});
const actual = await vi.importActual<typeof import('node:fs/promises')>('node:fs/promises');
beforeEach(() => {
  vi.mocked(open).mockReset().mockImplementation(actual.open);
});

/** Opens as usual a file on a disk that has room for so many bytes. */
const roomFor = (bytes: number) =>
  vi.mocked(open).mockImplementation(async (...given) => {
    const file = await actual.open(...given);
    const write = file.write.bind(file) as (data: Uint8Array) => ReturnType<FileHandle['write']>;
    return Object.assign(file, { write: (data: Uint8Array) => write(data.subarray(0, bytes)) });
  });

it('a disk that takes only a part is a failure, and what is written again replaces the part', async () => {
  const store = createFileDrainStore({ path: join(folder(), 'drain.ndjson') });
  const run = runOf({ startedAt: 1_000, reportedAt: 1_000 });
  const record = recordOf({ tokens: 5 });
  await store.write(run, [record]);
  roomFor(50);
  const later = { ...run, reportedAt: 2_000 };
  await expect(store.write(later, [{ ...record, tokens: 6 }])).rejects.toThrow('is the disk full?');
  vi.mocked(open).mockImplementation(actual.open);
  expect((await store.read('1970-01-01')).instances).toEqual([run]);
  await store.write(later, [{ ...record, tokens: 6 }]);
  const { instances, records } = await store.read('1970-01-01');
  expect([instances, records]).toEqual([[later], [{ ...record, tokens: 6 }]]);
});

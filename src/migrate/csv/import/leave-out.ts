import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { GrowingFile, nextOf, replaceFileSync, syncFolder } from '../../files/durable-file.js';
import { toLine } from '../format/dialect.js';
import { LINES_FILE, MANIFEST_FILE, NOT_IMPORTED_FILE } from '../format/file-names.js';
import { finishRewriting } from '../format/folder.js';
import { LINES_HEADER, lineOfRefusal, lineOfUser } from '../format/lists.js';
import {
  formatManifest,
  type Manifest,
  type ManifestFile,
  readManifest,
  type WrittenFile,
} from '../format/manifest.js';
import { refusal } from '../format/reasons.js';
import { readRows } from './rows.js';

/** The users to leave out, and the files that contain them. */
export interface LeftOut {
  readonly files: ReadonlySet<string>;
  has(sub: string): boolean;
}

/**
 * Removes users from the files of an export and lists them in `not-imported.csv`. Writes all new files beside the current ones. Once
 * the new manifest is in place, the new files are the export, even if the process ends before they have their final names.
 */
export async function leaveOut(folder: string, manifest: Manifest, leftOut: LeftOut): Promise<Manifest> {
  const lines = new GrowingFile(nextOf(folder, LINES_FILE));
  const notImported = new GrowingFile(nextOf(folder, NOT_IMPORTED_FILE));
  const files: ManifestFile[] = [];
  try {
    lines.add(LINES_HEADER);
    for await (const text of createReadStream(join(folder, NOT_IMPORTED_FILE), 'utf8')) notImported.add(text);
    for (const file of manifest.files) {
      const written = await without(folder, file, manifest, leftOut, { lines, notImported });
      if (written.users > 0) files.push(written);
    }
    const lists: WrittenFile[] = [
      { name: LINES_FILE, ...lines.finish() },
      { name: NOT_IMPORTED_FILE, ...notImported.finish() },
    ];
    syncFolder(folder);
    replaceFileSync(nextOf(folder, MANIFEST_FILE), formatManifest({ ...manifest, files, lists }));
  } finally {
    lines.abandon();
    notImported.abandon();
  }
  finishRewriting(folder);
  return readManifest('from', folder) ?? manifest;
}

/** Writes one file, and its lines, without these users. A file that contains none of them is not changed. */
async function without(
  folder: string,
  file: ManifestFile,
  manifest: Manifest,
  leftOut: LeftOut,
  { lines, notImported }: { readonly lines: GrowingFile; readonly notImported: GrowingFile },
): Promise<ManifestFile> {
  const { name } = file;
  const fresh = leftOut.files.has(name) ? new GrowingFile(nextOf(folder, name)) : undefined;
  try {
    fresh?.add(`${toLine(manifest.columns)}\n`);
    let users = 0;
    for await (const { sub, text } of readRows(folder, file, manifest)) {
      if (fresh !== undefined && leftOut.has(sub)) {
        notImported.add(lineOfRefusal(sub, refusal('arrived-since')));
        continue;
      }
      users += 1;
      fresh?.add(`${text}\n`);
      lines.add(lineOfUser(name, users, sub));
    }
    return fresh === undefined ? file : { name, users, ...fresh.finish() };
  } finally {
    fresh?.abandon();
  }
}

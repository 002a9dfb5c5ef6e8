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

/** Who is to be left out of which files. */
export interface LeftOut {
  readonly files: ReadonlySet<string>;
  has(sub: string): boolean;
}

/**
 * Takes users out of the files of an export, and names them in `not-imported.csv`. All files are written beside the present ones;
 * from the moment their manifest has its name, they are the export, even where the process ends before they have theirs.
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

/** One file without them, and its lines. A file that holds none of them stays as it is. */
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

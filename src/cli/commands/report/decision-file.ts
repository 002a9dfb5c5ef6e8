import { statSync } from 'node:fs';
import { ConfigurationError } from '../../../errors.js';
import { firstLineOf } from '../../../migrate/files/csv-records.js';
import { replaceFile } from '../../../migrate/files/replace-file.js';
import { decideLines, readMappingFile, type UndecidedUser } from '../../../migrate/matching/mapping-file.js';

const DECIDE = '--decide';

/**
 * Refuses to replace a file in which somebody has decided, or that is something else.
 * @throws ConfigurationError
 */
export async function requireNoDecisions(path: string): Promise<void> {
  // What is not a file is refused when it is to be written.
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) return;
  const foreign = (cause?: unknown) =>
    new ConfigurationError(DECIDE, `${path} exists, and report did not write it like this: name another file`, cause);
  let decidedIn: number | undefined;
  try {
    for await (const { decided = false, legacySub, line } of readMappingFile(DECIDE, path)) {
      if (!decided || legacySub !== '') decidedIn ??= line;
    }
  } catch (error) {
    throw foreign(error);
  }
  if (decidedIn === undefined) {
    // Somebody may have added a column with notes.
    const [header = ''] = decideLines([]);
    const width = (line: string) => line.split(/[,;]/).length;
    if (width(await firstLineOf(DECIDE, path)) > width(header)) throw foreign();
    return;
  }
  throw new ConfigurationError(
    DECIDE,
    `${path} holds decisions (line ${decidedIn}), which are not overwritten: give it to plan --mapping, or name another file`,
  );
}

/** Writes the file in which a person decides. Resolves to the number of users in it. */
export async function writeDecideFile(path: string, users: Iterable<UndecidedUser>): Promise<number> {
  let count = 0;
  function* counted(): Generator<UndecidedUser> {
    for (const user of users) {
      count += 1;
      yield user;
    }
  }
  await replaceFile(DECIDE, path, decideLines(counted()));
  return count;
}

import { statSync } from 'node:fs';
import { ConfigurationError } from '../../../errors.js';
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
  let decidedIn: number | undefined;
  try {
    for await (const { decided = false, legacySub, line } of readMappingFile(DECIDE, path)) {
      if (!decided || legacySub !== '') decidedIn ??= line;
    }
  } catch (error) {
    throw new ConfigurationError(
      DECIDE,
      `${path} exists, and report did not write it like this: name another file`,
      error,
    );
  }
  if (decidedIn === undefined) return;
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

import { ConfigurationError } from '../../errors.js';
import { isPlainObject } from '../../options.js';
import { poolSnapshot, type Snapshot } from './pool-snapshot.js';
import { count, listOf, moment, nullable, object, oneOf } from './shape.js';

const FORMAT = 'cognito-cutover snapshot';
const VERSION = 2;

const snapshotFile = object({
  format: oneOf(FORMAT),
  version: count,
  takenAt: moment,
  legacy: listOf(poolSnapshot),
  new: nullable(poolSnapshot),
});

/** The text of a snapshot file. */
export const formatSnapshot = (snapshot: Snapshot): string =>
  `${JSON.stringify({ format: FORMAT, version: VERSION, ...snapshot }, undefined, 2)}\n`;

/**
 * Reads a snapshot file. Anyone may have edited it, so everything in it is checked.
 *
 * @throws {@link ConfigurationError} naming `option`: not JSON, not a snapshot, of another version, or not of this format
 */
export function parseSnapshot(option: string, content: string): Snapshot {
  const json = parseJson(option, content);
  if (!isPlainObject(json) || json['format'] !== FORMAT) {
    throw new ConfigurationError(option, `is not a snapshot (no "format": "${FORMAT}")`);
  }
  if (json['version'] !== VERSION) {
    throw new ConfigurationError(
      option,
      `expected a snapshot of version ${VERSION}; take a new one with --save-snapshot`,
    );
  }
  const { takenAt, legacy, new: newPool } = snapshotFile.check(option, json);
  if (legacy.length === 0) throw new ConfigurationError(`${option}.legacy`, 'expected at least one pool');
  return { takenAt, legacy, new: newPool };
}

function parseJson(option: string, content: string): unknown {
  try {
    return JSON.parse(content);
  } catch (error) {
    throw new ConfigurationError(option, 'is not JSON', error);
  }
}

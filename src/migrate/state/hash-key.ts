import { createHash, hash, randomBytes } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { onDisk, replaceFileSync } from '../files/durable-file.js';
import { isMissing, type SystemError } from '../files/system-error.js';
import { MigrationError } from '../migration-error.js';
import type { State } from './state.js';

/** Length of {@link newHashKey}'s text: one block of SHA-256. */
const KEY_LENGTH = 64;

/** A key of 256 random bits. */
export function newHashKey(): string {
  return randomBytes(KEY_LENGTH / 2).toString('hex');
}

/**
 * Keyed hashes of values that identify people: equal values of both pools get equal hashes, and without the key nobody can test a list
 * of addresses against them.
 *
 * Each plan has its own random key. It is in the state only until the plan is finished. After that, the hashes in a copied state file
 * reveal nothing, and those of two plans cannot be compared. Until then, anybody who can read the file can test addresses; hence mode
 * 0600.
 *
 * SHA-256 over a full block of key and then the value, cut to 132 bits. Extending a hash without the key would need the part that was
 * cut off. This takes a third of HMAC's time, which matters for two million users.
 */
export function keyedHasher(key: string): (kind: string, value: string) => string {
  return (kind, value) => hash('sha256', `${key}${kind}\0${value}`, 'base64url').slice(0, 22);
}

/** Keeps the draft's key in a separate file. Returns a value by which the key can be recognised. */
export function keepKey(state: State): string | undefined {
  const key = state.meta.get('hashKey');
  if (key === undefined) return undefined;
  replaceFileSync(keyPath(state), `${key}\n`);
  return checkOf(key);
}

export function removeKey(state: State): void {
  onDisk(keyPath(state), () => rmSync(keyPath(state), { force: true }), cannotRemove);
}

const cannotRemove = (cause: SystemError, path: string): Error =>
  new MigrationError('ERR_STATE_STORAGE', `${path} cannot be removed (${cause.code})`, {
    fix: 'The plan is finished and does not need it: remove it.',
    cause,
  });

export const keyPath = ({ path }: State): string => `${path}.key`;

/** Reveals nothing about the key, which has 256 random bits. */
export const checkOf = (key: string): string => createHash('sha256').update(`key\0${key}`).digest('base64url');

export function readKey(state: State): string | undefined {
  try {
    return readFileSync(keyPath(state), 'utf8').trim();
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw new MigrationError('ERR_STATE_STORAGE', `${keyPath(state)} cannot be read`, { cause: error });
  }
}

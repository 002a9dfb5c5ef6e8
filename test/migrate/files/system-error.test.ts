import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { isMissing, isSystemError } from '../../../src/migrate/files/system-error.js';

function failureOf(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}

it.each([
  ['a file that is not there', failureOf(() => readFileSync('/nowhere/a.csv')), true, true],
  ['a folder that is read as a file', failureOf(() => readFileSync('/')), true, false],
  ['an error of ours with a code', Object.assign(new Error('ours'), { code: 'ENOENT' }), false, false],
  ['something else that was thrown', 'ENOENT', false, false],
])('%s', (_name, error, isSystem, isAbsent) => {
  expect(isSystemError(error)).toBe(isSystem);
  expect(isMissing(error)).toBe(isAbsent);
});

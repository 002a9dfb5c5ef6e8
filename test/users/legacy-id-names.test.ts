import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DEFAULT_ACCESS_TOKEN_CLAIM, DEFAULT_ATTRIBUTE } from '../../src/users/legacy-id-names.js';

const sources = ['src', 'middleware'].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name)),
);

describe('the names that the legacy id goes by', () => {
  it('are those that the documentation promises', () => {
    expect(DEFAULT_ATTRIBUTE).toBe('custom:legacy_sub');
    expect(DEFAULT_ACCESS_TOKEN_CLAIM).toBe('legacy_sub');
  });

  it('stand in the code once', () => {
    const withoutComments = (file: string) => readFileSync(file, 'utf8').replace(/^\s*(?:\*|\/\/|\/\*).*$/gm, '');
    expect(sources.filter((file) => withoutComments(file).includes(DEFAULT_ATTRIBUTE))).toEqual([
      'src/users/legacy-id-names.ts',
    ]);
  });
});

import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { folder } from '../support/folder.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const script = join(root, 'scripts/release-notes.mjs');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
const changelog = readFileSync(join(root, 'CHANGELOG.md'), 'utf8');

function notes(file: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [file, ...args], { encoding: 'utf8' });
  return { status, stdout, stderr: stderr.trim() };
}

/** The script beside another changelog. */
function beside(text: string): string {
  const at = folder();
  mkdirSync(join(at, 'scripts'));
  cpSync(script, join(at, 'scripts/release-notes.mjs'));
  writeFileSync(join(at, 'package.json'), '{ "version": "1.2.3" }');
  writeFileSync(join(at, 'CHANGELOG.md'), text);
  return join(at, 'scripts/release-notes.mjs');
}

describe('the notes of a release', () => {
  it('are the section of this version', () => {
    const { status, stdout } = notes(script, `v${version}`);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^### Added\n/);
    expect(stdout).not.toMatch(/^## |^\[Unreleased\]/m);
  });

  it.each([
    ['## [1.2.3] - 2026-01-02\n\n- New.\n\n## [1.2.2] - 2026-01-01\n\n- Old.\n', '- New.\n'],
    ['## [Unreleased]\n\n## [1.2.3] - 2026-01-02\n\n- New.\n\n[1.2.3]: https://example.com\n', '- New.\n'],
  ])('end where the section ends: %j', (text, printed) => {
    expect(notes(beside(text), 'v1.2.3')).toEqual({ status: 0, stdout: printed, stderr: '' });
  });

  it.each([
    ['another tag', 'v1.2.4', '## [1.2.3] - 2026-01-02\n\n- New.\n', /tag is v1\.2\.4.*1\.2\.3/],
    ['no tag', '', '## [1.2.3] - 2026-01-02\n\n- New.\n', /tag is missing/],
    ['no section', 'v1.2.3', '## [Unreleased]\n\n- New.\n', /no section/],
    ['no date', 'v1.2.3', '## [1.2.3] - soon\n\n- New.\n', /no date/],
    ['nothing in it', 'v1.2.3', '## [1.2.3] - 2026-01-02\n\n## [1.2.2] - 2026-01-01\n', /is empty/],
  ])('are refused with %s', (_, tag, text, message) => {
    const { status, stdout, stderr } = notes(beside(text), tag);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(message);
  });
});

describe('the changelog', () => {
  it('has a place for what comes next, and links every version', () => {
    const versions = [...changelog.matchAll(/^## \[([^\]]+)\]/gm)].map(([, name = '']) => name);
    expect(versions.slice(0, 2)).toEqual(['Unreleased', version]);
    expect(versions.filter((name) => !new RegExp(`^\\[${name}\\]: https://`, 'm').test(changelog))).toEqual([]);
  });
});

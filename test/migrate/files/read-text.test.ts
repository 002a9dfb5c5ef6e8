import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readText } from '../../../src/migrate/files/read-text.js';

it('reads a file, and names the option and the path of one that it cannot read', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'cutover-text-'));
  writeFileSync(join(dir, 'a'), 'text\n');
  expect(await readText('--x', join(dir, 'a'))).toBe('text\n');
  await expect(readText('--x', join(dir, 'b'))).rejects.toThrow(`--x: cannot read ${join(dir, 'b')} (ENOENT)`);
  rmSync(dir, { recursive: true });
});

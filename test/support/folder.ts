import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** In memory where that is possible: fsync is what a state spends its time on. */
const ROOT = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

/** An empty folder that is gone after the test. */
export function folder(): string {
  const path = mkdtempSync(join(ROOT, 'cutover-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

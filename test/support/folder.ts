import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

const MEMORY = '/dev/shm';

/** A container may have only 64 MB of it. */
const ENOUGH_BYTES = 512 * 1024 * 1024;

/** In memory if possible, because a state spends most of its time on fsync. */
const ROOT = freeBytes(MEMORY) >= ENOUGH_BYTES ? MEMORY : tmpdir();

function freeBytes(path: string): number {
  try {
    const { bavail, bsize } = statfsSync(path);
    return bavail * bsize;
  } catch {
    return 0;
  }
}

/** An empty folder that is removed after the test. */
export function folder(): string {
  const path = mkdtempSync(join(ROOT, 'cutover-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

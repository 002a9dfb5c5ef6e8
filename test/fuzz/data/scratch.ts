import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MEMORY = '/dev/shm';
const ENOUGH_BYTES = 64 * 1024 * 1024;

function root(): string {
  try {
    const { bavail, bsize } = statfsSync(MEMORY);
    return bavail * bsize >= ENOUGH_BYTES ? MEMORY : tmpdir();
  } catch {
    return tmpdir();
  }
}

/** A folder of a target, in memory if possible, with an empty folder for each input. */
export class Scratch {
  readonly #root = mkdtempSync(join(root(), 'cutover-fuzz-'));
  #count = 0;

  /** Does work in an empty folder, which is removed afterwards. */
  async within<T>(work: (folder: string) => T | Promise<T>): Promise<T> {
    this.#count += 1;
    const folder = mkdtempSync(join(this.#root, `${this.#count}-`));
    try {
      return await work(folder);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  /** A path that lasts as long as the target. */
  path(name: string): string {
    return join(this.#root, name);
  }

  close(): void {
    rmSync(this.#root, { recursive: true, force: true });
  }
}

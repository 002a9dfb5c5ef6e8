import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';
import { isatty } from 'node:tty';

/**
 * To be called when the terminal may be gone: lets go of those of our descriptors that were one and are none any more. Otherwise a
 * hook inherits a standard error that nobody can write to, and Node, which puts a terminal back as it was when it exits, aborts.
 * Node's own streams hold descriptors of their own.
 */
export function leaveTerminal(descriptors: readonly number[]): void {
  for (const descriptor of descriptors) {
    if (isatty(descriptor)) continue;
    try {
      closeSync(descriptor);
      // The lowest that is free: the one just closed, unless another thread was faster.
      const opened = openSync(devNull, 'r+');
      if (opened !== descriptor) closeSync(opened);
    } catch {
      // Nothing that a run needs.
    }
  }
}

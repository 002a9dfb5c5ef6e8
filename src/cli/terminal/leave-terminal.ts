import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';
import { isatty } from 'node:tty';

/**
 * To be called when the terminal may be gone: releases those of our descriptors that were a terminal and no longer are. Otherwise a
 * hook inherits a standard error that cannot be written to, and Node, which restores the terminal when it exits, aborts. Node's own
 * streams hold descriptors of their own.
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
      // A run does not need it.
    }
  }
}

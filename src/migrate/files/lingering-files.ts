import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const MOST_LINGERING = 100;
let lingering = 0;
let collectGarbage: (() => void) | undefined;

/**
 * To be called where an object of a native module was let go that keeps a file open until it is collected. In a process that allocates little
 * that may be after hours, when no more files can be opened. After a hundred calls they are collected, and their files closed, by the next
 * turn of the event loop.
 */
export function leaveLingering(): void {
  lingering += 1;
  if (lingering < MOST_LINGERING) return;
  lingering = 0;
  if (collectGarbage === undefined) {
    setFlagsFromString('--expose-gc');
    collectGarbage = runInNewContext('gc') as () => void;
  }
  collectGarbage();
}

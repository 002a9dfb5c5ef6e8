import { Session } from 'node:inspector';

const MOST_LINGERING = 100;
let lingering = 0;
let session: Session | undefined;

/**
 * To be called where an object of a native module was let go that keeps a file open until it is collected. In a process that allocates little
 * that may be after hours, when no more files can be opened. After a hundred calls they are collected, and their files closed, in the next
 * turns of the event loop.
 */
export function leaveLingering(): void {
  lingering += 1;
  if (lingering < MOST_LINGERING) return;
  lingering = 0;
  collectGarbage();
}

/** Through the debugger's interface, within the process: the flag `--expose-gc` is only safe when it is set before V8 starts. */
function collectGarbage(): void {
  try {
    if (session === undefined) {
      const opened = new Session();
      opened.connect();
      session = opened;
    }
    session.post('HeapProfiler.collectGarbage');
  } catch {
    // Node's permission model forbids it. V8 collects by itself, only later.
  }
}

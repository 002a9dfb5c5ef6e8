import { afterEach, beforeEach, expect } from 'vitest';

const KINDS = ['uncaughtException', 'unhandledRejection'];

/** Of before any test puts a clock of its own in its place. */
const { setImmediate: nextTurn } = globalThis;

/**
 * What would have ended the process, while a test of this file runs. Vitest's own listeners, which would fail the whole run
 * for it, are set aside meanwhile: instead, the test fails that leaves any of it in the list.
 */
export function noteProcessFaults(): unknown[] {
  const faults: unknown[] = [];
  const note = (fault: unknown) => void faults.push(fault);
  // biome-ignore lint/complexity/noBannedTypes: what an EventEmitter answers
  const aside = new Map<string, readonly Function[]>();
  beforeEach(() => {
    faults.length = 0;
    for (const kind of KINDS) {
      aside.set(kind, process.rawListeners(kind as 'exit'));
      process.removeAllListeners(kind);
      process.on(kind, note);
    }
  });
  afterEach(async () => {
    // Rejections that nobody waits for are reported before the next turn of the event loop.
    await new Promise((resolve) => nextTurn(resolve));
    for (const kind of KINDS) {
      process.removeAllListeners(kind);
      for (const listener of aside.get(kind) ?? []) process.on(kind, listener as () => void);
    }
    expect(faults).toEqual([]);
  });
  return faults;
}

import { afterEach, beforeEach } from 'vitest';

const KINDS = ['uncaughtException', 'unhandledRejection'];

/**
 * What would have ended the process, while a test of this file runs. Vitest's own listeners, which would fail the whole run
 * for it, are set aside meanwhile.
 */
export function noteProcessFaults(): readonly unknown[] {
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
  afterEach(() => {
    for (const kind of KINDS) {
      process.removeAllListeners(kind);
      for (const listener of aside.get(kind) ?? []) process.on(kind, listener as () => void);
    }
  });
  return faults;
}

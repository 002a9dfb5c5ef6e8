import { runApply } from '../../../src/migrate/apply.js';
import { runPlan } from '../../../src/migrate/plan.js';
import type { ProgressEvent } from '../../../src/migrate/progress.js';
import type { ApplyOptions } from '../../../src/migrate/run-options.js';
import { openState } from '../../../src/migrate/state/state.js';
import { AutoClock } from '../support/auto-clock.js';
import { FakeDirectory, type FakeUser } from '../support/fake-directory.js';
import { state, statePath } from '../support/workspace.js';

const users = (count: number, side: string): FakeUser[] =>
  Array.from({ length: count }, (_, n) => ({
    username: `user${n}`,
    sub: `${side}-${n}`,
    attributes: { email: `user${n}@example.com`, email_verified: 'true' },
  }));

/** A plan of so many writes, and a second connection beside the run, as `cognito-cutover pace` has it. */
export async function planned(count: number, before?: (operation: string) => void) {
  const clock = new AutoClock();
  const path = statePath();
  const opened = state(path);
  const pool = new FakeDirectory('new', { users: users(count, 'new'), clock, latencyMs: 50 });
  const legacy = new FakeDirectory('legacy', { users: users(count, 'old') });
  await runPlan({ state: opened, legacyPools: [legacy], newPool: pool, clock });
  pool.options = { ...pool.options, ...(before === undefined ? {} : { before }) };
  const beside = openState({ path, access: 'control' });
  const events: ProgressEvent[] = [];
  let start = clock.monotonic();
  let begun: Promise<void> = Promise.resolve();
  const seconds = () => (clock.monotonic() - start) / 1000;
  const apply = async (more: Partial<ApplyOptions> = {}) => {
    let isFirst = events.length === 0;
    let begin = () => {};
    begun = new Promise((resolve) => {
      begin = () => {
        if (isFirst) start = clock.monotonic();
        isFirst = false;
        resolve();
      };
    });
    const onProgress = (event: ProgressEvent) => {
      events.push(event);
      if (event.type === 'write' || event.type === 'waiting') begin();
    };
    try {
      return await runApply({ state: opened, newPool: pool, clock, onProgress, ...more });
    } finally {
      begin();
    }
  };
  /** From the first write on, or from when it waits: what comes before takes no time of this clock. */
  const after = async (ms: number, work: () => void) => {
    await begun;
    await clock.sleep(ms);
    work();
  };
  const written = (from: number, to: number) =>
    pool.writes
      .filter(({ at }) => at - clock.now() + clock.monotonic() >= start + from * 1000)
      .filter(({ at }) => at - clock.now() + clock.monotonic() < start + to * 1000).length;
  return { clock, path, opened, pool, beside, events, apply, after, seconds, written };
}

export const waits = (events: readonly ProgressEvent[]) =>
  events.flatMap((event) => (event.type === 'waiting' ? [event.reason] : []));

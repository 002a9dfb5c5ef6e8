import { describe, expect, it } from 'vitest';
import { changeControl } from '../../src/migrate/control/control.js';
import { readStatus } from '../../src/migrate/report.js';
import { openState } from '../../src/migrate/state/state.js';
import { runVerify } from '../../src/migrate/verify.js';
import { planned, waits } from './control/support.js';
import { failure } from './support/fake-directory.js';

describe('several commands on one state', () => {
  it('each tell what they wait for: one that begins beside does not hide it', async () => {
    const { apply, after, beside, clock, path, pool } = await planned(100);
    const writes = openState({ path, access: 'write' });
    const running = apply({ rps: 10, state: writes });
    await after(3000, () => changeControl(beside, { paused: true }));
    await after(3000, () => undefined);
    const verifies = openState({ path, access: 'verify' });
    await runVerify({ state: verifies, newPool: pool, clock });
    verifies.close();
    expect(readStatus(beside)).toMatchObject({ waiting: { reason: expect.stringContaining('paused') } });
    changeControl(beside, { paused: false });
    await running;
    writes.close();
    expect(readStatus(beside).waiting).toBeUndefined();
    beside.close();
  });

  it('do not tell what one waited for that was killed', async () => {
    const { beside, opened, path } = await planned(3);
    opened.meta.set('waiting', { main: { reason: 'paused', since: 0 } });
    const verifies = openState({ path, access: 'verify' });
    expect(readStatus(beside)).toMatchObject({ running: true, waiting: undefined });
    verifies.close();
    beside.close();
  });
});

describe('a run whose network is gone for a while', () => {
  it('waits, says so in the state, and writes the rest', async () => {
    let outage: [from: number, to: number] | undefined;
    const { apply, beside, after, opened, events, clock } = await planned(100, (operation) => {
      const now = clock.now();
      if (outage !== undefined && now >= outage[0] && now < outage[1]) {
        throw failure('unavailable', operation, 'ECONNRESET' as 'unavailable');
      }
    });
    outage = [clock.now() + 3000, clock.now() + 3_003_000];
    const running = apply({ rps: 10 });
    await after(1_800_000, () => {
      expect(readStatus(opened).waiting).toEqual({ reason: 'Cognito: ECONNRESET', since: expect.any(Date) });
    });
    expect(await running).toMatchObject({ written: 100, failed: 0, remaining: 0 });
    expect(waits(events).at(-1)).toBeUndefined();
    expect(readStatus(opened).waiting).toBeUndefined();
    beside.close();
  });

  it('ends after its patience, and the next run continues', async () => {
    let isDown = false;
    const { apply, beside, opened, after } = await planned(50, (operation) => {
      if (isDown) throw failure('unavailable', operation, 'ECONNRESET' as 'unavailable');
    });
    const running = apply({ rps: 10, patienceMs: 90_000 });
    running.catch(() => {});
    await after(2000, () => {
      isDown = true;
    });
    await expect(running).rejects.toMatchObject({ code: 'ERR_UNAVAILABLE', partial: { failed: 0 } });
    isDown = false;
    expect(await apply()).toMatchObject({ failed: 0, remaining: 0 });
    expect(readStatus(opened).writes.written).toBe(50);
    beside.close();
  });
});

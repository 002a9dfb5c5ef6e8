import { describe, expect, it } from 'vitest';
import { changeControl, readControl } from '../../../src/migrate/control/control.js';
import { readStatus } from '../../../src/migrate/report.js';
import { runRollback } from '../../../src/migrate/rollback.js';
import { openState } from '../../../src/migrate/state/state.js';
import { planned, waits } from './support.js';

describe('pace, beside a running apply', () => {
  it('changes the rate within two seconds, in both directions', async () => {
    const { apply, after, beside, written } = await planned(400);
    const running = apply({ rps: 10 });
    await after(10_000, () => changeControl(beside, { rps: 2 }));
    await after(20_000, () => changeControl(beside, { rps: 20 }));
    expect(await running).toMatchObject({ written: 400 });
    expect(written(2, 10)).toBeGreaterThanOrEqual(78);
    expect(written(12, 30)).toBeLessThanOrEqual(38);
    expect(written(12, 30)).toBeGreaterThanOrEqual(34);
    expect(written(32, 36)).toBeGreaterThanOrEqual(76);
    beside.close();
  });

  it('wakes a run that sends one write in ten seconds', async () => {
    const { apply, after, beside, seconds } = await planned(40);
    const running = apply({ rps: 0.1 });
    await after(1000, () => changeControl(beside, { rps: 20 }));
    expect(await running).toMatchObject({ written: 40 });
    expect(seconds()).toBeLessThan(6);
    beside.close();
  });

  it('pauses and resumes it, which status tells', async () => {
    const { apply, after, beside, written, events, opened } = await planned(200);
    const running = apply({ rps: 10 });
    await after(5_000, () => changeControl(beside, { paused: true }));
    await after(1_500, () => undefined);
    await after(3_600_000, () => {
      expect(readStatus(opened)).toMatchObject({
        running: true,
        waiting: { reason: expect.stringContaining('paused'), since: expect.any(Date) },
        pace: { paused: true, rps: null },
      });
      changeControl(beside, { paused: false });
    });
    expect(await running).toMatchObject({ written: 200 });
    expect(written(7, 3606)).toBe(0);
    expect(waits(events).at(0)).toContain('pace --resume');
    expect(waits(events).at(-1)).toBeUndefined();
    // Told once a minute, not once a second.
    expect(waits(events).length).toBeLessThan(65);
    expect(readStatus(opened).waiting).toBeUndefined();
    beside.close();
  });

  it('pauses writes that wait for their moment as well', async () => {
    const { apply, after, beside, written } = await planned(30);
    const running = apply({ rps: 1 });
    await after(5_000, () => changeControl(beside, { paused: true }));
    await after(600_000, () => changeControl(beside, { paused: false, rps: 20 }));
    expect(await running).toMatchObject({ written: 30 });
    expect(written(7, 605)).toBe(0);
    beside.close();
  });

  it('holds later runs, too: a pause always, a rate where none is given', async () => {
    const { apply, after, beside, events, seconds, opened } = await planned(30);
    changeControl(beside, { rps: 2, paused: true });
    const first = apply({ maxWrites: 10 });
    await after(5000, () => changeControl(beside, { paused: false }));
    await first;
    expect(waits(events)[0]).toContain('paused');
    const from = seconds();
    await apply({ maxWrites: 10 });
    expect(seconds() - from).toBeGreaterThan(4);
    const again = seconds();
    await apply({ rps: 20 });
    expect(seconds() - again).toBeLessThan(2);
    expect(readControl(opened)).toEqual({ rps: null, paused: false });
    beside.close();
  });

  it('is refused above the quota, also that of the run', async () => {
    const { apply, beside } = await planned(1);
    expect(() => changeControl(beside, { rps: 26 })).toThrow('rps: 26 is more than the 25 writes a second');
    await apply({ rps: 30, quota: 40 });
    expect(changeControl(beside, { rps: 40 })).toMatchObject({ rps: 40 });
    expect(() => changeControl(beside, { rps: 41 })).toThrow('rps: 41 is more than the 40 writes a second');
    beside.close();
  });

  it('takes no lock, and needs a state', async () => {
    const { path, beside, opened } = await planned(1);
    expect(opened.running).toBe(true);
    changeControl(beside, { rps: 5 });
    beside.close();
    expect(() => openState({ path: `${path}.none`, access: 'control' })).toThrow('there is no state');
  });
});

describe('the rate of a run', () => {
  it.each([
    [{ rps: 26 }, 'rps: 26 is more than the 25 writes a second that Cognito allows: set --quota'],
    [
      { rps: 60, quota: 50 },
      'rps: 60 is more than the 50 writes a second that Cognito allows: this is the limit set with --quota',
    ],
    [{ quota: 0 }, 'quota: expected a number from 1'],
  ])('is refused as %j', async (options, message) => {
    const { apply, beside, opened, pool, clock } = await planned(1);
    await expect(apply(options)).rejects.toThrow(message);
    await expect(runRollback({ state: opened, newPool: pool, clock, ...options })).rejects.toThrow(message);
    beside.close();
  });
});

describe('a run that may write only at times', () => {
  it('waits for its hours', async () => {
    const { apply, beside, events, pool, clock } = await planned(10);
    // The clock stands at noon.
    const reason = 'outside 22:00-06:00 UTC';
    const result = await apply({ between: { between: '22:00-06:00', timeZone: 'UTC' } });
    expect(result).toMatchObject({ written: 10 });
    expect(waits(events)[0]).toBe(reason);
    expect(new Date(pool.writes[0]!.at).getUTCHours()).toBe(22);
    expect(clock.now()).toBeLessThan(Date.UTC(2026, 0, 15, 22, 1));
    beside.close();
  });

  it('waits while it is told to, and looks up nothing meanwhile', async () => {
    const { apply, beside, events, pool, clock } = await planned(10);
    const until = clock.now() + 600_000;
    await apply({ waitWhile: async () => (clock.now() < until ? 'http://busy.example answers 503' : undefined) });
    expect(pool.writes[0]!.at).toBeGreaterThanOrEqual(until);
    expect(pool.writes[0]!.at).toBeLessThan(until + 12_000);
    expect(waits(events)[0]).toBe('http://busy.example answers 503');
    beside.close();
  });

  it('ends at once when it is interrupted while it waits, with nothing begun', async () => {
    const { apply, beside, after, opened } = await planned(10);
    const stop = new AbortController();
    const running = apply({ waitWhile: () => 'busy', signal: stop.signal });
    running.catch(() => {});
    await after(5000, () => stop.abort(new Error('stopped')));
    await expect(running).rejects.toMatchObject({ code: 'ERR_INTERRUPTED', partial: { written: 0 } });
    expect(readStatus(opened).writes).toMatchObject({ inFlight: 0, remaining: 10 });
    expect(readStatus(opened).waiting).toBeUndefined();
    beside.close();
  });
});

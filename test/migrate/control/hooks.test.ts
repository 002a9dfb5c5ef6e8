import { beforeEach, describe, expect, it } from 'vitest';
import { changeControl } from '../../../src/migrate/control/control.js';
import type { HookEvent, HookFacts } from '../../../src/migrate/control/hooks.js';
import { readStatus } from '../../../src/migrate/report.js';
import { failure } from '../support/fake-directory.js';
import { planned, waits } from './support.js';

describe('the hook of a run', () => {
  let heard: (readonly [HookEvent, HookFacts])[];
  const hook = async (event: HookEvent, facts: HookFacts) => void heard.push([event, facts]);
  const events = () => heard.map(([event]) => event);
  beforeEach(() => {
    heard = [];
  });

  it('hears of the start, each wait and the end, with how far it is', async () => {
    const { apply, after, beside } = await planned(100);
    const running = apply({ rps: 10, hook });
    await after(3000, () => changeControl(beside, { paused: true }));
    await after(300_000, () => changeControl(beside, { paused: false }));
    await running;
    expect(events()).toEqual(['start', 'waiting', 'going-on', 'done']);
    expect(heard[1]![1]).toMatchObject({ reason: expect.stringContaining('paused'), failed: 0, total: 100 });
    expect(heard[3]![1]).toMatchObject({ written: 100, reason: '' });
    beside.close();
  });

  it.each(['start', 'waiting'] as const)('stops the run where it fails at "%s"', async (bad) => {
    const { apply, after, beside, opened } = await planned(100);
    const failing = async (event: HookEvent, facts: HookFacts) => {
      await hook(event, facts);
      if (event === bad) throw new Error('`notify` ended with exit code 1');
    };
    const running = apply({ rps: 10, hook: failing });
    running.catch(() => {});
    await after(3000, () => changeControl(beside, { paused: true }));
    await expect(running).rejects.toMatchObject({
      code: 'ERR_HOOK',
      message: `the hook failed at "${bad}": \`notify\` ended with exit code 1`,
    });
    expect(events().at(-1)).toBe('failed');
    expect(readStatus(opened).writes).toMatchObject({ inFlight: 0, written: bad === 'start' ? 0 : expect.any(Number) });
    beside.close();
  });

  it('changes nothing where it fails at the end', async () => {
    const { apply, beside, opened } = await planned(3);
    const failing = async (event: HookEvent) => {
      if (event === 'done') throw new Error('no network');
    };
    expect(await apply({ hook: failing })).toMatchObject({ written: 3, remaining: 0 });
    expect(readStatus(opened).warnings).toContain('The hook failed at "done": no network.');
    beside.close();
  });

  it('does not hear that a run continues which ended while it waited', async () => {
    const { apply, after, beside, events: reported } = await planned(100);
    const stop = new AbortController();
    const running = apply({ rps: 10, hook, signal: stop.signal });
    running.catch(() => {});
    await after(3000, () => changeControl(beside, { paused: true }));
    await after(5000, () => stop.abort(new Error('stopped')));
    await expect(running).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' });
    await Promise.resolve();
    expect(events()).toEqual(['start', 'waiting', 'interrupted']);
    expect(waits(reported)).not.toContain(undefined);
    expect(readStatus(beside).waiting).toBeUndefined();
    beside.close();
  });

  it('hears of an interruption, and of a failure', async () => {
    const interrupted = await planned(100);
    const stop = new AbortController();
    const running = interrupted.apply({ hook, signal: stop.signal });
    running.catch(() => {});
    await interrupted.after(2000, () => stop.abort(new Error('stopped')));
    await expect(running).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' });
    expect(events()).toEqual(['start', 'interrupted']);
    interrupted.beside.close();
    heard = [];
    const refused = await planned(3, (operation) => {
      if (operation === 'AdminUpdateUserAttributes') throw failure('refused', operation);
    });
    await expect(refused.apply({ hook })).rejects.toMatchObject({ code: 'ERR_POOL' });
    expect(events()).toEqual(['start', 'failed']);
    refused.beside.close();
  });
});

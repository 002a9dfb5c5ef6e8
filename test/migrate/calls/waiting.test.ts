import { describe, expect, it } from 'vitest';
import { Waiting } from '../../../src/migrate/calls/waiting.js';
import { FakeClock } from '../../support/fake-clock.js';

function waiting() {
  const clock = new FakeClock();
  const told: (string | undefined)[] = [];
  const events: unknown[] = [];
  const recorded: unknown[] = [];
  const one = new Waiting({
    clock,
    report: (event) => {
      events.push(event);
      told.push(event.reason);
    },
    record: (what) => recorded.push(what),
  });
  return { clock, told, events, recorded, waiting: one };
}

describe('why a run waits', () => {
  it('is told and recorded once, each minute, and when it continues', async () => {
    const { clock, told, recorded, waiting: one } = waiting();
    const since = clock.now();
    one.set('calls', undefined);
    for (let second = 0; second < 130; second += 1) {
      one.set('calls', second % 2 === 0 ? 'Cognito: ECONNRESET' : 'Cognito: ETIMEDOUT');
      await clock.advance(1000);
    }
    expect(told).toEqual(['Cognito: ECONNRESET', 'Cognito: ECONNRESET', 'Cognito: ECONNRESET']);
    one.set('calls', undefined);
    one.end();
    expect(told.slice(3)).toEqual([undefined]);
    expect(recorded).toEqual([...Array(3).fill({ reason: 'Cognito: ECONNRESET', since }), undefined]);
  });

  it('is told each time where each is worth a line', () => {
    const { told, waiting: one } = waiting();
    one.set('calls', '9 s left', 'each');
    one.set('calls', '8 s left', 'each');
    one.set('calls', 'Cognito: ECONNRESET');
    expect(told).toEqual(['9 s left', '8 s left']);
  });

  it('is what it was told to wait for, where calls fail besides', () => {
    const { told, waiting: one } = waiting();
    one.set('calls', 'Cognito: ECONNRESET');
    one.set('gate', 'paused');
    one.set('calls', undefined);
    one.set('gate', undefined);
    expect(told).toEqual(['Cognito: ECONNRESET', 'paused', undefined]);
  });

  it('is reported with the time at which it began, also where the run continues', async () => {
    const { clock, events, waiting: one } = waiting();
    const since = clock.now();
    one.set('gate', 'paused');
    await clock.advance(5000);
    one.set('gate', 'paused');
    one.set('gate', undefined);
    expect(events).toEqual([
      { type: 'waiting', reason: 'paused', since },
      { type: 'waiting', reason: undefined, since },
    ]);
  });

  it('is no longer recorded when the run is over, which does not continue', () => {
    const { told, recorded, waiting: one } = waiting();
    one.over();
    expect(recorded).toEqual([]);
    one.set('gate', 'paused');
    one.over();
    one.over();
    expect(recorded.slice(1)).toEqual([undefined]);
    expect(told).toEqual(['paused']);
  });
});

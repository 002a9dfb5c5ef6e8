import { describe, expect, it } from 'vitest';
import { stepLines, waitingLine } from '../../../src/cli/terminal/messages.js';
import { FakeClock } from '../../support/fake-clock.js';

describe('the line of a run that waits', () => {
  const since = Date.UTC(2026, 0, 15, 14, 2);

  const RETRY = 'no answer from http://localhost:9 (ECONNREFUSED), trying again, 8 s left';

  it.each([
    ['Cognito: ECONNRESET', since + 60_000, 'waiting for Cognito since 14:02 UTC: ECONNRESET'],
    ['paused', since + 60_000, 'waiting since 14:02 UTC: paused'],
    ['paused', since + 86_400_000, 'waiting since 2026-01-15 14:02 UTC: paused'],
    [undefined, since, 'continuing'],
    [RETRY, since + 60_000, RETRY],
  ])('for %s', (reason, now, line) => {
    expect(waitingLine({ type: 'waiting', reason, since }, now)).toBe(line);
  });
});

describe('the lines of steps', () => {
  it('come at once for each new step, and every two seconds for one that counts', async () => {
    const clock = new FakeClock();
    const lines: string[] = [];
    const tell = stepLines(clock, (line) => lines.push(line));
    tell({ type: 'step', what: 'Reading the settings' });
    for (let done = 0; done < 80; done += 1) {
      tell({ type: 'step', what: 'Checking the app clients', done, total: 80 });
      await clock.advance(250);
    }
    expect(lines.slice(0, 4)).toEqual([
      'Reading the settings',
      'Checking the app clients: 0 of 80',
      'Checking the app clients: 8 of 80',
      'Checking the app clients: 16 of 80',
    ]);
    expect(lines).toHaveLength(11);
  });
});

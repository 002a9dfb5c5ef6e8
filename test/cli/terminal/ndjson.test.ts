import pc from 'picocolors';
import { describe, expect, it } from 'vitest';
import { createScreen } from '../../../src/cli/terminal/screen.js';
import type { ProgressEvent } from '../../../src/migrate/progress.js';
import { FakeClock } from '../../support/fake-clock.js';
import { Screenful } from '../support.js';

const writing = (written: number, done = false): ProgressEvent => ({
  ...{ type: 'write', written, failed: 0, skipped: 0, total: 400, attempts: written, throttled: 0, rps: 10, done },
});

function started() {
  const output = new Screenful(true);
  const clock = new FakeClock();
  const screen = createScreen({ output, colours: pc.createColors(false), clock, mode: 'ndjson' });
  const lines = () =>
    output.text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as object);
  return { clock, screen, lines };
}

const time = '2026-01-15T12:00:00.000Z';

describe('progress as NDJSON', () => {
  it('has a line for each note, warning, wait and step, with its time', () => {
    const { screen, lines } = started();
    screen.note('Stopping');
    screen.progress({ type: 'warning', message: 'the shards disagree' });
    screen.progress({ type: 'waiting', reason: 'Cognito: ECONNRESET', since: Date.parse(time) });
    screen.progress({ type: 'waiting', reason: undefined, since: Date.parse(time) });
    screen.progress({ type: 'step', what: 'Reading the settings of eu-west-1_New' });
    screen.stop();
    expect(lines()).toEqual([
      { time, type: 'note', message: 'Stopping' },
      { time, type: 'warning', message: 'the shards disagree' },
      { time, type: 'waiting', reason: 'Cognito: ECONNRESET', since: time },
      { time, type: 'waiting', reason: null, since: time },
      { time, type: 'step', what: 'Reading the settings of eu-west-1_New' },
    ]);
  });

  it('has one line a second for a piece of work, and its end', async () => {
    const { clock, screen, lines } = started();
    for (let written = 0; written < 40; written += 1) {
      screen.progress(writing(written));
      await clock.advance(100);
    }
    screen.progress(writing(400, true));
    expect(lines().map((line) => ('written' in line ? line.written : undefined))).toEqual([0, 10, 20, 30, 400]);
    expect(lines()[1]).toEqual({ time: '2026-01-15T12:00:01.000Z', ...writing(10) });
  });
});

import { stripVTControlCharacters } from 'node:util';
import pc from 'picocolors';
import { describe, expect, it, vi } from 'vitest';
import { barScreen } from '../../../src/cli/terminal/bars.js';
import { FakeClock } from '../../support/fake-clock.js';
import { Screenful } from '../support.js';
import { listing, writing } from './work.js';

function started(columns = 120, isTTY = true) {
  const output = new Screenful(isTTY, columns);
  const screen = barScreen({ output, colours: pc.createColors(false), clock: new FakeClock() });
  return { output, screen };
}

describe('on a terminal', () => {
  it('leaves the last state of each bar behind, with the notes above it', () => {
    const { output, screen } = started();
    screen.progress(writing(100));
    screen.note('Stopping');
    screen.progress(writing(400, true));
    screen.stop();
    const text = stripVTControlCharacters(output.text);
    expect(text).toContain('Stopping\n');
    expect(text).toContain(`Write         ${'█'.repeat(24)} 100%  400 of 400 written\n`);
    expect(output.text.endsWith('\n')).toBe(true);
  });

  it('never draws a line that is wider than the terminal', () => {
    const { output, screen } = started(40);
    screen.progress(writing(123, false));
    screen.stop();
    const drawn = stripVTControlCharacters(output.text.replaceAll('\x1b[1G', '\n')).split('\n');
    expect(Math.max(...drawn.map((line) => line.length))).toBe(39);
  });

  it.each([80, 60])('shows the time left over both pools, whole at %i columns', async (columns) => {
    const clock = new FakeClock();
    const output = new Screenful(true, columns);
    const screen = barScreen({ output, colours: pc.createColors(false), clock });
    screen.progress(listing('legacy', 0));
    await clock.advance(10_000);
    screen.progress(listing('legacy', 1_234));
    screen.stop();
    const drawn = stripVTControlCharacters(output.text).replaceAll(/ *[█░]+ */g, ' ');
    expect(drawn.slice(drawn.lastIndexOf('Both'))).toBe(
      'Both pools 0%  1,234 users, 4 h 29 min left\nLegacy pool 0%  1,234 users, 123.4/s\n',
    );
  });

  it('gives the cursor and the line wrapping back', () => {
    const { output, screen } = started();
    screen.progress(writing(100));
    expect(output.text).toContain('\x1b[?25l');
    screen.stop();
    expect(output.text.lastIndexOf('\x1b[?25h')).toBeGreaterThan(output.text.lastIndexOf('\x1b[?25l'));
    expect(output.text.lastIndexOf('\x1b[?7h')).toBeGreaterThan(output.text.lastIndexOf('\x1b[?7l'));
  });

  it('keeps a bar that does not change while notes are put above it', async () => {
    const { output, screen } = started();
    screen.progress({ type: 'match', users: 5, total: 5, done: true });
    screen.progress(writing(100));
    await vi.waitUntil(() => output.text.includes('Write '));
    screen.note('first');
    await vi.waitUntil(
      () => output.text.includes('first') && output.text.lastIndexOf('Write ') > output.text.indexOf('first'),
    );
    expect(output.text.lastIndexOf('Match ')).toBeGreaterThan(output.text.indexOf('first'));
    screen.stop();
  });

  it('begins again after a stop', () => {
    const { output, screen } = started();
    screen.progress(writing(400, true));
    screen.stop();
    screen.note('Write 3 users?');
    screen.progress(writing(1));
    screen.stop();
    expect(stripVTControlCharacters(output.text)).toMatch(/100% .*\nWrite 3 users\?\n.*0% /s);
  });
});

describe('without a terminal', () => {
  it.each([[[400]], [[100, 400]]])(
    'writes the last state of each bar, with the notes when they come: %o written',
    (reports) => {
      const { output, screen } = started(120, false);
      for (const written of reports) screen.progress(writing(written, written === 400));
      screen.note('Stopping');
      expect(output.text).toBe('Stopping\n');
      screen.stop();
      expect(output.text).toContain(`Stopping\nWrite         ${'█'.repeat(24)} 100%  400 of 400 written`);
    },
  );
});

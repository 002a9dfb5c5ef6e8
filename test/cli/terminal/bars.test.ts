import { stripVTControlCharacters } from 'node:util';
import pc from 'picocolors';
import { describe, expect, it, vi } from 'vitest';
import { createScreen } from '../../../src/cli/terminal/screen.js';
import type { ProgressEvent } from '../../../src/migrate/progress.js';
import { FakeClock } from '../../support/fake-clock.js';
import { Screenful } from '../support.js';

const writing = (written: number, done = false): ProgressEvent => ({
  type: 'write',
  written,
  failed: 0,
  skipped: 0,
  total: 400,
  attempts: written,
  throttled: 0,
  rps: 10,
  done,
});

function started(terminal: boolean, columns = 120) {
  const output = new Screenful(terminal, columns);
  const clock = new FakeClock();
  const screen = createScreen({ output, colours: pc.createColors(false), clock });
  return { output, clock, screen };
}

describe('where nobody watches', () => {
  it('writes a plain line within two seconds, every ten seconds and one at the end', async () => {
    const { output, clock, screen } = started(false);
    screen.progress(writing(0));
    await clock.advance(2_000);
    expect(output.text).toBe('Write: 0%, 0 of 400 written, 0/s\n');
    await clock.advance(9_499);
    screen.progress(writing(115));
    await clock.advance(1);
    expect(output.text.split('\n')[1]).toBe('Write: 28%, 115 of 400 written, 11.5/s, 25 s left');
    await clock.advance(10_000);
    expect(output.text.split('\n')[2]).toBe('Write: 28%, 115 of 400 written, 0/s');
    screen.progress(writing(400, true));
    await clock.advance(60_000);
    expect(output.text.split('\n').slice(3)).toEqual(['Write: 100%, 400 of 400 written', '']);
    screen.stop();
    expect(clock.sleeping).toBe(0);
  });

  it('writes warnings and notes at once', () => {
    const { output, screen } = started(false);
    screen.progress({ type: 'warning', message: 'the shards disagree' });
    screen.note('Stopping');
    expect(output.text).toBe('warning: the shards disagree\nStopping\n');
  });
});

describe('on a terminal', () => {
  it('leaves the last state of each bar behind, with the notes above it', () => {
    const { output, screen } = started(true);
    screen.progress(writing(100));
    screen.note('Stopping');
    screen.progress(writing(400, true));
    screen.stop();
    const text = stripVTControlCharacters(output.text);
    expect(text).toContain('Stopping\n');
    expect(text).toContain(`Write       ${'█'.repeat(24)} 100%  400 of 400 written\n`);
    expect(output.text.endsWith('\n')).toBe(true);
  });

  it('never draws a line that is wider than the terminal', () => {
    const { output, screen } = started(true, 40);
    screen.progress(writing(123, false));
    screen.stop();
    const drawn = stripVTControlCharacters(output.text.replaceAll('\x1b[1G', '\n')).split('\n');
    expect(Math.max(...drawn.map((line) => line.length))).toBe(39);
  });

  it('gives the cursor and the line wrapping back', () => {
    const { output, screen } = started(true);
    screen.progress(writing(100));
    expect(output.text).toContain('\x1b[?25l');
    screen.stop();
    expect(output.text.lastIndexOf('\x1b[?25h')).toBeGreaterThan(output.text.lastIndexOf('\x1b[?25l'));
    expect(output.text.lastIndexOf('\x1b[?7h')).toBeGreaterThan(output.text.lastIndexOf('\x1b[?7l'));
  });

  it('keeps a bar that does not change while notes are put above it', async () => {
    const { output, screen } = started(true);
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

  it('begins anew after a stop', () => {
    const { output, screen } = started(true);
    screen.progress(writing(400, true));
    screen.stop();
    screen.note('Write 3 users?');
    screen.progress(writing(1));
    screen.stop();
    expect(stripVTControlCharacters(output.text)).toMatch(/100% .*\nWrite 3 users\?\n.*0% /s);
  });
});

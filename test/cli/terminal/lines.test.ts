import pc from 'picocolors';
import { describe, expect, it } from 'vitest';
import { lineScreen } from '../../../src/cli/terminal/lines.js';
import { FakeClock } from '../../support/fake-clock.js';
import { Screenful } from '../support.js';
import { listing, writing } from './work.js';

function started() {
  const output = new Screenful();
  const clock = new FakeClock();
  return { output, clock, screen: lineScreen({ output, colours: pc.createColors(false), clock }) };
}

describe('where nobody watches', () => {
  it('writes a plain line within two seconds, every ten seconds and one at the end', async () => {
    const { output, clock, screen } = started();
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
    const { output, screen } = started();
    screen.progress({ type: 'warning', message: 'a pool disagrees' });
    screen.note('Stopping');
    expect(output.text).toBe('warning: a pool disagrees\nStopping\n');
  });
});

it('writes one time left over both pools', async () => {
  const { output, clock, screen } = started();
  screen.progress(listing('legacy', 0));
  await clock.advance(9_000);
  screen.progress(listing('legacy', 500_000));
  await clock.advance(2_500);
  expect(output.text.split('\n').slice(-3, -1)).toEqual([
    'Legacy pool: 50%, 500,000 users, 50,000/s',
    'Both pools: 25%, 500,000 users, 30 s left',
  ]);
  screen.stop();
});

it('says nothing more of work that is complete and waits to be reported as done', async () => {
  const { output, clock, screen } = started();
  screen.progress({ ...writing(400), type: 'match', users: 400, total: 400, done: false });
  await clock.advance(60_000);
  expect(output.text).toBe('');
  screen.stop();
});

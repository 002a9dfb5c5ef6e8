import { PassThrough } from 'node:stream';
import pc from 'picocolors';
import { describe, expect, it } from 'vitest';
import {
  announceImport,
  askAboutAge,
  askBeforeImporting,
  askBeforeWriting,
} from '../../../src/cli/commands/confirm.js';
import type { CommandContext } from '../../../src/cli/define-command.js';
import { Patience } from '../../../src/migrate/calls/patience.js';
import { FakeClock } from '../../support/fake-clock.js';
import { Screenful } from '../support.js';

const ESTIMATE = { writes: 3, estimatedSeconds: 1, estimatedMau: 3, estimatedMauUsd: 0.05 };

/** A person who gives this answer, or nobody. */
function asked(answer?: string) {
  const isTTY = answer !== undefined;
  const stdin = Object.assign(new PassThrough(), { isTTY });
  if (isTTY) stdin.end(`${answer}\n`);
  const stderr = new Screenful(isTTY);
  const notes: string[] = [];
  const clock = new FakeClock();
  const context: CommandContext = {
    ...{ stdin, stderr, clock, stdout: new Screenful(), env: {}, signal: new AbortController().signal },
    colours: pc.createColors(false),
    screen: { note: (line) => notes.push(line), progress: () => {}, stop: () => notes.push('(bars stopped)') },
    patience: new Patience({ clock, patienceMs: 0, onWaiting: () => {} }),
    given: () => false,
    again: (command) => command,
  };
  return { context, stderr, notes };
}

describe('before writing', () => {
  it('shows the estimate, takes the bars away and asks', async () => {
    const { context, stderr, notes } = asked('y');
    expect(await askBeforeWriting('Write', false, context)(ESTIMATE)).toBe(true);
    expect(notes).toEqual([
      '  writes  3',
      '  time    about 1 s',
      expect.stringContaining('$0.05'),
      expect.stringContaining('$0.015 each'),
      '(bars stopped)',
    ]);
    expect(stderr.text).toContain('Write 3 users? [y/N]');
  });

  it('shows what is written to, and by whom', async () => {
    const { context, notes } = asked('y');
    await askBeforeWriting('Write', false, context)(ESTIMATE, undefined, [['pool', 'eu-west-1_New']]);
    expect(notes.slice(0, 2)).toEqual(['  pool  eu-west-1_New', '  writes  3']);
  });

  it('names changes apart from users where a user has several', async () => {
    const { context, stderr } = asked('n');
    expect(await askBeforeWriting('Roll back', false, context)({ ...ESTIMATE, writes: 5 })).toBe(false);
    expect(stderr.text).toContain('Roll back 5 changes of 3 users?');
  });

  it('says a doubt in front of the question', async () => {
    const { context, stderr } = asked('n');
    await askBeforeWriting('Write', false, context)(ESTIMATE, 'The plan is old.');
    expect(stderr.text).toContain('The plan is old. Write 3 users?');
  });

  it('asks nobody with --yes, and refuses what is in doubt', async () => {
    const { context, notes } = asked();
    expect(await askBeforeWriting('Write', true, context)(ESTIMATE)).toBe(true);
    expect(notes).toHaveLength(4);
    await expect(askBeforeWriting('Write', true, context)(ESTIMATE, 'The plan is old.')).rejects.toThrow(
      'The plan is old.',
    );
  });

  it('refuses at once where nobody can be asked', () => {
    for (const ask of [askBeforeImporting, (yes: boolean, of: CommandContext) => askBeforeWriting('Write', yes, of)]) {
      expect(() => ask(false, asked().context)).toThrow('--yes: is required where nobody can be asked');
    }
  });
});

describe('about age', () => {
  it('asks the person at the terminal', async () => {
    const { context, stderr } = asked('yes');
    expect(await askAboutAge(false, context)?.('the export is 30 hours old')).toBe(true);
    expect(stderr.text).toContain('The export is 30 hours old. Continue with it? [y/N]');
  });

  it('asks nobody with --yes, and where nobody is there', () => {
    expect(askAboutAge(true, asked('y').context)).toBeUndefined();
    expect(askAboutAge(false, asked().context)).toBeUndefined();
  });
});

it('shows what would be imported, and lets nothing be imported', async () => {
  const { context, notes } = asked();
  expect(await announceImport(context)({ users: 2, files: 1 }, [['job role', 'arn']])).toBe(false);
  expect(notes.slice(0, 2)).toEqual(['  job role  arn', 'To be imported: 2 users in 1 file.']);
});

it('says before an import what it means for the users', async () => {
  const { context, stderr, notes } = asked('y');
  expect(await askBeforeImporting(false, context)({ users: 2, files: 1 })).toBe(true);
  expect(notes).toContain('To be imported: 2 users in 1 file.');
  expect(stderr.text).toContain('Import 2 users? [y/N]');
});

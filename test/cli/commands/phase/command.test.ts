import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../../src/clock.js';
import { folder } from '../../../support/folder.js';
import { type RunOptions, run, runBin } from '../../support.js';

const NOW = Date.UTC(2026, 10, 15, 12);
const clock = { ...systemClock, now: () => NOW };
const NOTHING = { announceFrom: null, acceptSignInsBefore: null, acceptUntil: null };

let path: string;
beforeEach(() => {
  path = join(folder(), 'phases.json');
});

const phase = (args: string, options: RunOptions = {}) =>
  run(['phase', ...args.split(' ').filter((word) => word !== ''), '--to', path], { clock, ...options });
async function json(args: string, options: RunOptions = {}) {
  const { ending, stdout } = await phase(`${args} --json`, options);
  return { ending, ...(JSON.parse(stdout) as object) };
}
const stored = () => JSON.parse(readFileSync(path, 'utf8')) as object;

describe('phase show', () => {
  it('tells that nothing was set', async () => {
    expect(await json('show')).toEqual({ ending: 'done', to: path, phase: 'open', plan: NOTHING, isSet: false });
    expect((await phase('')).stdout).toBe(
      `No dates are set in ${path}: verifiers that read it accept tokens of the legacy pool.\n`,
    );
  });

  it('shows the dates and the phase', async () => {
    writeFileSync(path, '{"announceFrom":"2026-11-15T12:00:00+02:00","acceptUntil":"2026-12-01T00:00:00Z"}');
    const plan = { ...NOTHING, announceFrom: '2026-11-15T10:00:00.000Z', acceptUntil: '2026-12-01T00:00:00.000Z' };
    for (const word of ['', 'show']) {
      expect(await json(word)).toEqual({ ending: 'done', to: path, phase: 'announced', plan, isSet: true });
    }
    const { stdout } = await phase('show');
    expect(stdout).toContain('Phase announced: ');
    expect(stdout).toContain('2026-11-15 10:00 UTC, 2 h ago');
    expect(stdout).toContain('2026-12-01 00:00 UTC, in 15 d 12 h');
  });

  it('changes nothing', async () => {
    const { ending, stderr } = await phase('show --accept-until never');
    expect([ending, stderr]).toEqual([
      'usage',
      expect.stringContaining('--accept-until: changes the dates: use phase set'),
    ]);
  });
});

describe('phase set', () => {
  it('sets the dates that are given, keeps the others, and clears with never', async () => {
    const first = await json('set --announce-from now --accept-sign-ins-before 2026-12-01 --yes');
    const plan = {
      ...NOTHING,
      announceFrom: '2026-11-15T12:00:00.000Z',
      acceptSignInsBefore: '2026-12-01T00:00:00.000Z',
    };
    expect(first).toEqual({
      ending: 'done',
      to: path,
      phase: 'announced',
      plan,
      isSet: true,
      changed: true,
      before: NOTHING,
    });
    expect(stored()).toEqual(plan);

    const second = await json('--accept-until 2027-01-01T09:00:00+01:00 --accept-sign-ins-before never --yes');
    const next = { ...plan, acceptSignInsBefore: null, acceptUntil: '2027-01-01T08:00:00.000Z' };
    expect(second).toMatchObject({ ending: 'done', plan: next, changed: true, before: plan });
    expect(stored()).toEqual(next);
  });

  it('shows what changes and what it means, and asks', async () => {
    const { stdout, stderr } = await phase('set --accept-until 2026-12-01', { answer: 'y' });
    expect(stderr).toContain('closed from            not planned -> 2026-12-01 00:00 UTC');
    expect(stderr).toContain('From 2026-12-01 00:00 UTC, every token of the legacy pool is refused.');
    expect(stderr).toContain('Set these dates?');
    expect(stdout).toContain('Instances follow within their pollSeconds, 30 seconds unless');
    expect(stored()).toMatchObject({ acceptUntil: '2026-12-01T00:00:00.000Z' });
  });

  it('warns before it closes the pool at once', async () => {
    const { stderr } = await phase('set --accept-until now --yes');
    expect(stderr).not.toContain('Warning');
    const closing = await phase('set --accept-until 2026-11-15T11:59:59Z --yes');
    expect(closing.stderr).toContain('Warning: this closes the legacy pool at once.');
  });

  it('leaves everything as it is where the answer is no', async () => {
    writeFileSync(path, '{}');
    const { ending, stdout } = await phase('set --accept-until 2026-12-01', { answer: 'n' });
    expect([ending, stdout]).toEqual(['done', expect.stringMatching(/^Nothing was changed\.\nPhase open/)]);
    expect(stored()).toEqual({});
  });

  it('needs --yes where nobody can be asked', async () => {
    const { ending, stderr } = await phase('set --accept-until 2026-12-01');
    expect([ending, stderr]).toEqual([
      'usage',
      expect.stringContaining('--yes: is required where nobody can be asked'),
    ]);
    expect(stored).toThrow('ENOENT');
  });

  it('does not ask where there is nothing to change', async () => {
    writeFileSync(path, '{"acceptUntil":"2026-12-01T00:00:00Z"}');
    expect(await json('set --accept-until 2026-12-01 --yes')).toMatchObject({ ending: 'done', changed: false });
    expect((await phase('set --accept-until 2026-12-01 --yes')).stdout).toMatch(/^Nothing to change\./);
  });

  it('writes that nothing is planned where nothing was set: from then on a lost plan is noticed', async () => {
    expect(await json('set --accept-until never --yes')).toMatchObject({ changed: true, isSet: true, plan: NOTHING });
    expect(stored()).toEqual(NOTHING);
  });

  it.each([
    [
      '--announce-from 2026-12-02 --accept-until 2026-12-01',
      '--accept-until: must not be before --announce-from (2026-12-02',
    ],
    [
      '--accept-sign-ins-before 2026-12-02 --accept-until 2026-12-01',
      '--accept-until: must not be before --accept-sign-ins-before (2026-12-02',
    ],
    [
      '--announce-from 2027-06-01',
      '--announce-from: must not be after --accept-until (2027-01-01T00:00:00.000Z, as it is set now',
    ],
    ['--accept-sign-ins-before 2027-06-01', '--accept-sign-ins-before: must not be after --accept-until (2027-01-01'],
    [
      '--accept-until 2026-10-01',
      '--accept-until: must not be before --announce-from (2026-11-01T00:00:00.000Z, as it is set now',
    ],
  ])('refuses dates that contradict each other: %s', async (dates, message) => {
    const text = '{"announceFrom":"2026-11-01T00:00:00Z","acceptUntil":"2027-01-01T00:00:00Z"}';
    writeFileSync(path, text);
    const { ending, stderr } = await phase(`set ${dates} --yes`);
    expect([ending, stderr]).toEqual(['usage', expect.stringContaining(message)]);
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  it('does not overwrite what somebody else set while the question was open', async () => {
    writeFileSync(path, '{}');
    const other = '{"acceptUntil":"2027-01-01T00:00:00Z"}';
    let asked = 0;
    // The clock is read between the first look and the question.
    const meanwhile = {
      ...clock,
      now: () => {
        asked += 1;
        if (asked > 1) writeFileSync(path, other);
        return NOW;
      },
    };
    const { ending, stderr } = await phase('set --accept-until 2026-12-01 --yes', { clock: meanwhile });
    expect([ending, stderr]).toEqual([
      'unavailable',
      expect.stringContaining('were changed by somebody else meanwhile'),
    ]);
    expect(readFileSync(path, 'utf8')).toBe(other);
  });

  it.each([
    ['set', 'phase set: needs at least one of --announce-from, --accept-sign-ins-before, --accept-until'],
    ['set --accept-until 2026-12-01T10:00:00 --yes', '--accept-until: expected a date like 2026-12-01 (midnight UTC)'],
    ['set --accept-until soon --yes', '--accept-until: expected a date like'],
    ['open', "command-argument value 'open' is invalid for argument 'show|set'. Allowed choices are show, set."],
    ['set set --accept-until now', 'too many arguments'],
    ['--accept-untill now', "unknown option '--accept-untill'"],
  ])('refuses "%s"', async (args, message) => {
    const { ending, stderr } = await phase(args);
    expect([ending, stderr]).toEqual(['usage', expect.stringContaining(message)]);
  });

  it('takes no dates from the config file: they are for the command that judges a token', async () => {
    const config = join(folder(), 'cutover.json');
    writeFileSync(config, JSON.stringify({ to: path, acceptUntil: '2026-12-01T00:00:00Z' }));
    const { ending, stdout } = await run(['phase', '--config', config, '--announce-from', 'now', '--yes', '--json'], {
      clock,
    });
    expect([ending, JSON.parse(stdout)]).toMatchObject(['done', { plan: { acceptUntil: null } }]);
  });

  it('finds the phases in the config file of a nightly sync, whose "to" is where it publishes', async () => {
    const config = join(folder(), 'cutover.json');
    writeFileSync(config, JSON.stringify({ to: 'mapping.ndjson', phases: path }));
    const { ending, stdout } = await run(['phase', 'show', '--config', config, '--json'], { clock });
    expect([ending, JSON.parse(stdout)]).toMatchObject(['done', { to: path }]);
  });
});

describe('the process', () => {
  it.each([
    [0, ['show', '--to', 'phases.json', '--json']],
    [0, ['set', '--to', 'phases.json', '--accept-until', '2026-12-01', '--yes', '--json']],
    [2, ['set', '--to', 'phases.json', '--accept-until', 'soon', '--json']],
    [3, ['show', '--to', 'redis://127.0.0.1:1', '--json']],
  ])('ends with %i', async (code, args) => {
    const result = await runBin(['phase', ...args]).ended;
    expect(result.code).toBe(code);
    expect(() => JSON.parse(result.stdout)).not.toThrow();
  });
});

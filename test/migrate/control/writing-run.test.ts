import { describe, expect, it } from 'vitest';
import type { Settled, WriteJob } from '../../../src/migrate/calls/writer.js';
import { Control } from '../../../src/migrate/control/control.js';
import { checkLimits, type NextJob, type Writing, WritingRun } from '../../../src/migrate/control/writing-run.js';
import { MigrationError } from '../../../src/migrate/migration-error.js';
import type { ProgressEvent } from '../../../src/migrate/progress.js';
import { inRun } from '../../../src/migrate/run.js';
import { AutoClock } from '../support/auto-clock.js';
import { failure } from '../support/fake-directory.js';
import { state } from '../support/workspace.js';

/** A job of this name: what it finds before it is sent, and how sending ends. */
interface Job {
  readonly name: string;
  readonly settled?: Settled;
  readonly fails?: true;
}

/** Carries out steps of jobs as a run does; what is recorded of each is in `told`. */
async function carryOut(
  steps: readonly (readonly Job[])[],
  options: Parameters<typeof checkLimits>[0] = {},
  more: Partial<Writing<{ remaining: number }>> & {
    readonly total?: number;
    readonly arrived?: number;
    readonly told?: string[];
  } = {},
) {
  const opened = state();
  const events: ProgressEvent[] = [];
  const { total = 100, arrived = 0, told = [], ...writing } = more;
  const jobOf = ({ name, settled, fails }: Job): WriteJob => ({
    begin: () => told.push(`${name} begun`),
    settled: async () => settled,
    send: async () => {
      if (fails) throw failure('invalid');
    },
    end: (status) => told.push(`${name} ${status}`),
    cancel: () => told.push(`${name} cancelled`),
  });
  const stepOf = (jobs: readonly Job[]): NextJob => {
    const left = [...jobs];
    return async () => {
      const job = left.shift();
      return job && jobOf(job);
    };
  };
  let made: WritingRun | undefined;
  const clock = new AutoClock();
  const result = await inRun({ state: opened, clock, onProgress: (event) => events.push(event) }, (run) => {
    const limits = checkLimits({ concurrency: 1, ...options });
    made = new WritingRun(run, new Control(run, options), { ...limits, total });
    return made.carryOut({
      prepare: async () => ({
        steps: steps.map(stepOf),
        settle: async () => arrived,
        end: async () => void told.push('ended'),
      }),
      isWanted: async () => true,
      phases: ['applying', 'applied'],
      result: () => ({ remaining: 0 }),
      ...writing,
    });
  });
  const last = events.filter((event) => event.type === 'write').at(-1);
  return { result, run: made, told, last, phase: opened.meta.get('phase') };
}

describe('a run that writes', () => {
  it('goes step by step, and tells how far it is', async () => {
    const { told, last, phase } = await carryOut([[{ name: 'a' }], [{ name: 'b' }, { name: 'c' }]]);
    const of = (name: string) => [`${name} begun`, `${name} written`];
    expect(told).toEqual([...of('a'), ...of('b'), ...of('c'), 'ended']);
    expect(last).toMatchObject({ written: 3, failed: 0, skipped: 0, total: 100, attempts: 3, done: true });
    expect(phase).toBe('applied');
  });

  it('keeps the phase of the writing where something remains', async () => {
    expect(await carryOut([[]], {}, { result: () => ({ remaining: 1 }) })).toMatchObject({ phase: 'applying' });
  });

  it('prepares nothing where nothing is to be written', async () => {
    const prepare = async () => {
      throw new Error('never');
    };
    expect(await carryOut([], {}, { total: 0, prepare })).toMatchObject({ told: [], phase: 'applied' });
  });

  it('writes nothing where it is not wanted, and leaves the phase', async () => {
    const { told, phase, last } = await carryOut([[{ name: 'a' }]], {}, { isWanted: async () => false });
    expect([told, phase, last]).toEqual([['ended'], undefined, undefined]);
  });

  it('ends what it prepared where it fails, and gives what was done until then', async () => {
    const told: string[] = [];
    const isWanted = async () => {
      throw new MigrationError('ERR_POOL', 'lost');
    };
    await expect(carryOut([[]], {}, { isWanted, told })).rejects.toMatchObject({ partial: { remaining: 0 } });
    expect(told).toEqual(['ended']);
  });

  it('takes failed writes that were carried out for written', async () => {
    const { last } = await carryOut([[{ name: 'a', fails: true }]], {}, { arrived: 1 });
    expect(last).toMatchObject({ written: 1, failed: 0 });
  });

  it('stops at so many failures, in this step and the next ones', async () => {
    const failing = (name: string): Job => ({ name, fails: true });
    const { run, told } = await carryOut([[failing('a'), failing('b'), { name: 'c' }], [{ name: 'd' }]], {
      maxFailed: 2,
    });
    expect(run?.isStopped).toBe(true);
    expect(told.filter((one) => one.endsWith('begun'))).toEqual(['a begun', 'b begun']);
  });

  it('stops at so many writes over all steps', async () => {
    const { told } = await carryOut([[{ name: 'a' }], [{ name: 'b' }, { name: 'c' }]], { maxWrites: 2 });
    expect(told.filter((one) => one.endsWith('written'))).toEqual(['a written', 'b written']);
  });
});

describe('a dry run', () => {
  const gone: Settled = { status: 'skipped', reason: 'gone' };
  const steps = [
    [{ name: 'a' }, { name: 'b', settled: gone }],
    [{ name: 'c', settled: { status: 'written' as const } }, { name: 'd' }],
  ];

  it('sends nothing, asks nobody, and counts what would be written', async () => {
    const isWanted = async () => {
      throw new Error('never');
    };
    const { run, told, last, phase } = await carryOut(steps, { dryRun: true }, { isWanted });
    expect(told).toEqual(['a written', 'b skipped', 'c written', 'd written', 'ended']);
    expect(run?.wouldWrite).toBe(2);
    expect(run?.sent).toMatchObject({ written: 0, attempts: 0 });
    expect(last).toMatchObject({ written: 2, skipped: 1, attempts: 0, done: true });
    expect(phase).toBeUndefined();
  });

  it('stops at so many writes over all steps', async () => {
    expect((await carryOut(steps, { dryRun: true, maxWrites: 1 })).told).toEqual(['a written', 'ended']);
  });
});

it.each([
  [{ concurrency: 0 }, 'concurrency'],
  [{ concurrency: 65 }, 'concurrency'],
  [{ maxWrites: 0 }, 'maxWrites'],
  [{ maxFailed: 1.5 }, 'maxFailed'],
])('limits are checked: %j', (options, option) => {
  expect(() => checkLimits(options)).toThrow(`${option}: expected a whole number`);
});

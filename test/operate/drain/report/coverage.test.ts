import { describe, expect, it } from 'vitest';
import { DAY_MS } from '../../../../src/clock.js';
import { CLOCK_TOLERANCE_MS, coverageOf } from '../../../../src/operate/drain/report/coverage.js';
import { runOf } from '../support.js';

const NOW = Date.UTC(2026, 0, 15, 12);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Minutes before now. */
const ago = (minutes: number) => NOW - minutes * MINUTE;
const states = (coverage: ReturnType<typeof coverageOf>) =>
  Object.fromEntries(coverage.runs.map(({ run, state }) => [run, state]));

describe('the state of a run', () => {
  it.each([
    [0, 'counting'],
    [3, 'counting'],
    [3.1, 'silent'],
    [60 * 24 * 400, 'silent'],
  ])('that reported %d minutes ago, and flushes every minute, is %s', (minutes, state) => {
    const coverage = coverageOf([runOf({ startedAt: 0, reportedAt: ago(minutes) })], NOW, undefined);
    expect(states(coverage)).toEqual({ r1: state });
    expect(coverage.silent).toEqual(state === 'silent' ? ['api-1'] : []);
  });

  it('depends on how often it writes', () => {
    const run = { startedAt: 0, reportedAt: ago(5) };
    expect(coverageOf([runOf({ ...run, flushSeconds: 1 })], NOW, undefined).silent).toEqual(['api-1']);
    expect(coverageOf([runOf({ ...run, flushSeconds: 3600 })], NOW, undefined).counting).toEqual(['api-1']);
  });

  it('is ended with a goodbye, however long ago, and no gap', () => {
    const other = runOf({ instance: 'api-2', run: 'r2', startedAt: ago(100), reportedAt: NOW });
    const run = runOf({ startedAt: ago(90), reportedAt: ago(50), endedAt: ago(50) });
    const coverage = coverageOf([run, other], NOW, undefined);
    expect(states(coverage)).toEqual({ r1: 'ended', r2: 'counting' });
    expect(coverage).toMatchObject({ silent: [], gaps: [], counting: ['api-2'] });
  });

  it('is replaced by a later run of the same name, which leaves a gap until that one started', () => {
    const coverage = coverageOf(
      [
        runOf({ startedAt: ago(90), reportedAt: ago(50) }),
        runOf({ run: 'r2', startedAt: ago(48), reportedAt: ago(47) }),
        runOf({ run: 'r3', startedAt: ago(20), reportedAt: NOW }),
      ],
      NOW,
      undefined,
    );
    expect(states(coverage)).toEqual({ r1: 'replaced', r2: 'replaced', r3: 'counting' });
    expect(coverage.silent).toEqual([]);
    expect(coverage.gaps).toMatchObject([
      { kind: 'lost', instance: 'api-1', from: ago(47), until: ago(20) },
      { kind: 'nobody', from: ago(47), until: ago(20) },
      { kind: 'lost', instance: 'api-1', from: ago(50), until: ago(48) },
    ]);
  });

  it('is not replaced by a run that was there before it fell silent: one of two processes has ended', () => {
    const coverage = coverageOf(
      [runOf({ startedAt: ago(90), reportedAt: ago(50) }), runOf({ run: 'r2', startedAt: ago(80), reportedAt: NOW })],
      NOW,
      undefined,
    );
    expect(states(coverage)).toEqual({ r1: 'silent', r2: 'counting' });
  });

  it('is gone by an operator’s word, with a gap until then', () => {
    const runs = [
      runOf({ startedAt: ago(90), reportedAt: ago(50), goneAt: ago(47) }),
      runOf({ instance: 'api-2', run: 'r2', startedAt: ago(90), reportedAt: NOW }),
    ];
    const coverage = coverageOf(runs, NOW, undefined);
    expect(states(coverage)).toEqual({ r1: 'gone', r2: 'counting' });
    expect(coverage.silent).toEqual([]);
    expect(coverage.gaps).toEqual([{ kind: 'lost', instance: 'api-1', from: ago(50), until: ago(47) }]);
  });
});

describe('the runs together', () => {
  it('tell two live processes with one name, but not in AWS Lambda, where the name is that of the function', () => {
    const two = (lambda: boolean) =>
      coverageOf(
        [
          runOf({ startedAt: ago(90), reportedAt: ago(1), lambda }),
          runOf({ run: 'r2', startedAt: ago(80), reportedAt: NOW, lambda }),
        ],
        NOW,
        undefined,
      );
    expect(two(false)).toMatchObject({ doubled: ['api-1'], lambda: [] });
    expect(two(true)).toMatchObject({ doubled: [], lambda: ['api-1'] });
  });

  it('tell no double where one took over from the other', () => {
    const runs = [
      runOf({ startedAt: ago(90), reportedAt: ago(1) }),
      runOf({ run: 'r2', startedAt: ago(0.5), reportedAt: NOW }),
    ];
    expect(coverageOf(runs, NOW, undefined)).toMatchObject({ doubled: [], gaps: [{ until: ago(0.5) }] });
  });

  it('tell a clock that is ahead', () => {
    const ahead = (ms: number) =>
      coverageOf([runOf({ startedAt: 0, reportedAt: NOW + ms })], NOW, undefined).clockAhead;
    expect(ahead(CLOCK_TOLERANCE_MS)).toEqual([]);
    expect(ahead(CLOCK_TOLERANCE_MS + 1)).toEqual(['api-1']);
  });

  it('leave a gap where nobody counted for longer than a restart takes', () => {
    const restarted = (minutes: number) =>
      coverageOf(
        [
          runOf({ startedAt: ago(900), reportedAt: ago(500), endedAt: ago(500) }),
          runOf({ run: 'r2', startedAt: ago(500 - minutes), reportedAt: NOW }),
        ],
        NOW,
        undefined,
      ).gaps;
    expect(restarted(3)).toEqual([]);
    expect(restarted(4)).toEqual([{ kind: 'nobody', from: ago(500), until: ago(496) }]);
  });

  it('leave no gap while another one counts', () => {
    const runs = [
      runOf({ startedAt: ago(900), reportedAt: ago(500), endedAt: ago(500) }),
      runOf({ run: 'r2', startedAt: ago(100), reportedAt: NOW }),
      runOf({ instance: 'api-2', run: 'r3', startedAt: ago(1000), reportedAt: NOW }),
    ];
    expect(coverageOf(runs, NOW, undefined).gaps).toEqual([]);
    const taking = runs.map((run) => (run.run === 'r3' ? { ...run, startedAt: ago(501) } : run));
    expect(coverageOf(taking, NOW, undefined).gaps).toEqual([]);
  });

  it('count since the last instance was first seen, if it is not known how many there are', () => {
    const runs = [
      runOf({ startedAt: ago(900), reportedAt: ago(500), endedAt: ago(500) }),
      runOf({ run: 'r2', startedAt: ago(499), reportedAt: NOW }),
      runOf({ instance: 'api-2', run: 'r3', startedAt: ago(800), reportedAt: NOW }),
    ];
    expect(coverageOf(runs, NOW, undefined).start).toEqual({ at: ago(800), instance: 'api-2' });
    expect(coverageOf([], NOW, undefined).start).toBeUndefined();
  });

  it('count since as many as are expected counted at once', () => {
    const runs = [
      runOf({ instance: 'canary', startedAt: ago(1000), reportedAt: ago(900), endedAt: ago(900) }),
      runOf({ instance: 'api-1', run: 'r2', startedAt: ago(800), reportedAt: NOW }),
      runOf({ instance: 'api-2', run: 'r3', startedAt: ago(790), reportedAt: NOW }),
      runOf({ instance: 'added', run: 'r4', startedAt: ago(10), reportedAt: NOW }),
    ];
    expect(coverageOf(runs, NOW, 1).start?.at).toBe(ago(1000));
    expect(coverageOf(runs, NOW, 2).start?.at).toBe(ago(790));
    expect(coverageOf(runs, NOW, 3).start?.at).toBe(ago(10));
    expect(coverageOf(runs, NOW, 4).start).toBeUndefined();
  });

  it('keep the names of a fleet of any age apart from those that count now', () => {
    const old = Array.from({ length: 50 }, (_, n) =>
      runOf({
        instance: `pod-${n}`,
        run: `o${n}`,
        startedAt: NOW - 50 * DAY_MS + n * HOUR,
        reportedAt: NOW - 49 * DAY_MS + n * HOUR,
        endedAt: NOW - 49 * DAY_MS + n * HOUR,
      }),
    );
    const coverage = coverageOf([...old, runOf({ startedAt: NOW - 50 * DAY_MS, reportedAt: NOW })], NOW, 1);
    expect(coverage.counting).toEqual(['api-1']);
    expect(coverage.gaps).toEqual([]);
    expect(coverage.runs[0]?.instance).toBe('api-1');
  });
});

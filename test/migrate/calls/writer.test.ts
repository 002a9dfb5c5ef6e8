import { describe, expect, it } from 'vitest';
import type { Gate } from '../../../src/migrate/calls/gate.js';
import { Pace } from '../../../src/migrate/calls/pace.js';
import { type Settled, type WriteJob, Writer, type WriterOptions } from '../../../src/migrate/calls/writer.js';
import { AutoClock } from '../support/auto-clock.js';
import { failure } from '../support/fake-directory.js';

/** A writer of so many jobs, and a log of what was done to each. */
function writer(
  count: number,
  send: (job: number, attempt: number) => void | Promise<void>,
  options: Partial<WriterOptions> = {},
  settled?: (job: number) => Promise<Settled | undefined>,
) {
  const clock = new AutoClock();
  const log: string[] = [];
  const attempts = new Map<number, number>();
  let next = 0;
  const job = (n: number): WriteJob => ({
    begin: () => void log.push(`begin ${n}`),
    send: async () => {
      const attempt = (attempts.get(n) ?? 0) + 1;
      attempts.set(n, attempt);
      log.push(`send ${n}`);
      await send(n, attempt);
    },
    end: (status, reason) => void log.push(`${status} ${n}${settled && reason ? `: ${reason}` : ''}`),
    cancel: () => void log.push(`cancel ${n}`),
    ...(settled && { settled: () => settled(n) }),
  });
  const made = new Writer({
    clock,
    pace: new Pace(100, clock),
    signal: undefined,
    concurrency: 1,
    maxWrites: Number.MAX_SAFE_INTEGER,
    next: () => (next < count ? job(next++) : undefined),
    whyInvalid: async () => undefined,
    onProgress: () => {},
    ...options,
  });
  return { writer: made, log, clock };
}

describe('a writer', () => {
  it('records before and after each write', async () => {
    const { writer: one, log } = writer(2, () => {});
    await one.run();
    expect(log).toEqual(['begin 0', 'send 0', 'written 0', 'begin 1', 'send 1', 'written 1']);
    expect(one.counts).toEqual({ written: 2, failed: 0, skipped: 0, inFlight: 0, attempts: 2, throttled: 0 });
  });

  it.each(['written', 'skipped', 'failed'] as const)(
    'sends nothing of what is settled already, and calls it %s',
    async (status) => {
      const { writer: one, log } = writer(
        3,
        () => {},
        {},
        async (n) => (n === 1 ? { status, reason: 'why' } : undefined),
      );
      await one.run();
      expect(log).toEqual([
        'begin 0',
        'send 0',
        'written 0',
        'begin 1',
        `${status} 1: why`,
        'begin 2',
        'send 2',
        'written 2',
      ]);
      expect(one.counts).toMatchObject({ attempts: 2, [status]: status === 'written' ? 3 : 1 });
    },
  );

  it('asks once more after it has waited, and before it sends again', async () => {
    let asked = 0;
    const fail = (_: number, attempt: number) => {
      if (attempt === 1) throw failure('unavailable');
    };
    const { writer: one, log } = writer(1, fail, {}, async () => {
      asked += 1;
      return asked === 4 ? { status: 'written' } : undefined;
    });
    await one.run();
    expect(log).toEqual(['begin 0', 'send 0', 'written 0']);
    expect(one.counts).toMatchObject({ attempts: 1, written: 1 });
  });

  it('cancels what it cannot ask about, unless it was sent', async () => {
    const { writer: one, log } = writer(
      1,
      () => {},
      {},
      async () => {
        throw failure('credentials');
      },
    );
    await expect(one.run()).rejects.toMatchObject({ code: 'ERR_CREDENTIALS' });
    expect(log).toEqual(['begin 0', 'cancel 0']);
  });

  it('has no more in flight than it may', async () => {
    let now = 0;
    let most = 0;
    const { writer: one, clock } = writer(
      50,
      async () => {
        now += 1;
        most = Math.max(most, now);
        await clock.sleep(500);
        now -= 1;
      },
      { concurrency: 8 },
    );
    await one.run();
    expect(most).toBe(8);
  });

  it('keeps a limit of writes though several ask for the next one at a time', async () => {
    const { writer: one } = writer(50, () => {}, { concurrency: 8, maxWrites: 3 });
    await one.run();
    expect(one.counts.written).toBe(3);
  });

  it('takes back what was begun and never sent', async () => {
    const controller = new AbortController();
    const { writer: one, log } = writer(50, () => controller.abort(new Error('stop')), {
      concurrency: 3,
      signal: controller.signal,
    });
    await expect(one.run()).rejects.toThrow('stop');
    expect(log).toEqual(
      ['begin 0', 'begin 1', 'begin 2', 'send 0', 'written 0', 'cancel 1', 'cancel 2'].sort(byTime(log)),
    );
  });

  it('leaves begun what may have arrived', async () => {
    const { writer: one, log } = writer(1, (_, attempt) => {
      throw failure(attempt === 1 ? 'unavailable' : 'credentials');
    });
    await expect(one.run()).rejects.toMatchObject({ code: 'ERR_CREDENTIALS' });
    expect(log).toEqual(['begin 0', 'send 0', 'send 0']);
  });

  it('waits for what is in flight when another write ends the run', async () => {
    const {
      writer: one,
      log,
      clock,
    } = writer(
      10,
      async (job) => {
        await clock.sleep(job === 1 ? 10 : 1000);
        if (job === 1) throw failure('refused');
      },
      { concurrency: 2 },
    );
    await expect(one.run()).rejects.toMatchObject({ code: 'ERR_POOL' });
    expect(log).toEqual(['begin 0', 'begin 1', 'send 0', 'send 1', 'cancel 1', 'written 0']);
  });

  it('ends with what it cannot record', async () => {
    const { writer: one } = writer(5, () => {}, {
      next: () => ({
        begin: () => {
          throw new Error('disk full');
        },
        send: async () => {},
        end: () => {},
        cancel: () => {},
      }),
    });
    await expect(one.run()).rejects.toThrow('disk full');
    expect(one.counts.attempts).toBe(0);
  });

  it('pauses longer and longer between attempts', async () => {
    const times: number[] = [];
    const { writer: one, clock } = writer(
      1,
      (_, attempt) => {
        times.push(clock.now());
        if (attempt < 6) throw failure('unavailable');
      },
      { random: () => 1 },
    );
    await one.run();
    const pauses = times.slice(1).map((time, i) => Math.round((time - times[i]!) / 250) * 250);
    expect(pauses).toEqual([250, 500, 1000, 2000, 4000]);
    expect(one.counts).toMatchObject({ attempts: 6, throttled: 0 });
  });
});

describe('a write that the pool refuses', () => {
  it.each(['user-not-found', 'group-not-found', 'group-exists'] as const)('is skipped for %s', async (kind) => {
    const { writer: one, log } = writer(2, (job) => {
      if (job === 0) throw failure(kind);
    });
    await one.run();
    expect(log).toEqual(['begin 0', 'send 0', 'skipped 0', 'begin 1', 'send 1', 'written 1']);
    expect(one.counts).toMatchObject({ skipped: 1, written: 1, failed: 0 });
  });

  it('has failed where its parameters are invalid, and the next one is sent', async () => {
    const { writer: one, log } = writer(2, (job) => {
      if (job === 0) throw failure('invalid');
    });
    await one.run();
    expect(log).toEqual(['begin 0', 'send 0', 'failed 0', 'begin 1', 'send 1', 'written 1']);
  });

  it.each([
    ['taken back', 1, ['begin 0', 'send 0', 'cancel 0']],
    ['left begun where an earlier attempt may have arrived', 2, ['begin 0', 'send 0', 'send 0']],
  ])('is %s where the same would be said of every write', async (_, refusedAt, expected) => {
    const why = new Error('the attribute is missing');
    const fail = (__: number, attempt: number) => {
      throw failure(attempt === refusedAt ? 'invalid' : 'unavailable');
    };
    const { writer: one, log } = writer(5, fail, { whyInvalid: async () => why });
    await expect(one.run()).rejects.toBe(why);
    expect(log).toEqual(expected);
  });

  it.each([
    [24, undefined],
    [25, 'ERR_POOL'],
  ])('%d times in a row: %s', async (times, code) => {
    const refuse = (job: number) => {
      if (job < times) throw failure('invalid');
    };
    const { writer: one } = writer(30, refuse);
    const ended = await one.run().catch((error) => error);
    expect(ended?.code).toBe(code);
    expect(one.counts).toMatchObject({ failed: times, written: code === undefined ? 6 : 0 });
    if (code !== undefined)
      expect(ended).toMatchObject({ fix: expect.stringContaining('again'), cause: { kind: 'invalid' } });
  });

  it.each([
    ['written', undefined],
    ['skipped', 'ERR_POOL'],
  ] as const)('is counted from the start after one that was %s: %s', async (between, code) => {
    const refuse = (job: number) => {
      if (job !== 20) throw failure('invalid');
      if (between === 'skipped') throw failure('user-not-found');
    };
    const { writer: one } = writer(40, refuse);
    expect((await one.run().catch((error) => error))?.code).toBe(code);
  });

  it('ends with any error that is not of a pool, and says what it was', async () => {
    const { writer: one } = writer(2, () => {
      throw new TypeError('a fault');
    });
    await expect(one.run()).rejects.toThrow(TypeError);
  });
});

describe('a write that fails again and again', () => {
  /** Job 0 fails for ever; the others take what `others` says, in seconds. */
  function failing(kind: 'unavailable' | 'throttled', count: number, others: (job: number) => number, beforeFirst = 0) {
    const made = writer(
      count,
      async (job, attempt) => {
        if (job > 0) return made.clock.sleep(others(job) * 1000);
        if (attempt === 1) await made.clock.sleep(beforeFirst * 1000);
        throw failure(kind);
      },
      { concurrency: 2, random: () => 1 },
    );
    return made;
  }
  const attemptsOf = (log: readonly string[]) => log.filter((line) => line === 'send 0').length;

  it('has failed at the twelfth attempt while others are written', async () => {
    const { writer: one, log } = failing('unavailable', 60, () => 3);
    await one.run();
    expect(log).toContain('failed 0');
    expect(attemptsOf(log)).toBe(12);
    expect(one.counts).toMatchObject({ failed: 1, written: 59 });
  });

  it('has failed where others were written meanwhile, and none is left', async () => {
    const { writer: one, log } = failing('unavailable', 2, () => 1);
    await one.run();
    expect(log).toContain('failed 0');
    expect(attemptsOf(log)).toBe(12);
  });

  it.each([
    ['nothing else is written', 'unavailable', 1, () => 0, 0],
    ['another was written only before', 'unavailable', 2, () => 1, 5],
    ['others no longer succeed either', 'unavailable', 3, (job: number) => (job === 1 ? 1 : 500), 0],
    ['the pool throttles', 'throttled', 60, () => 3, 0],
  ] as const)('ends the run when the patience does where %s', async (_, kind, count, others, beforeFirst) => {
    const { writer: one, log } = failing(kind, count, others, beforeFirst);
    await expect(one.run()).rejects.toMatchObject({ code: 'ERR_UNAVAILABLE' });
    expect(log).not.toContain('failed 0');
    expect(attemptsOf(log)).toBeGreaterThan(12);
  });

  it('counts its throttles, and tells the pace of each answer', async () => {
    const told: boolean[] = [];
    const pace = { acquire: async () => {}, answered: (throttled: boolean) => told.push(throttled) };
    const fail = (_: number, attempt: number) => {
      if (attempt < 3) throw failure(attempt === 1 ? 'throttled' : 'unavailable');
    };
    const { writer: one } = writer(1, fail, { pace: pace as unknown as Pace });
    await one.run();
    expect(told).toEqual([true, false, false]);
    expect(one.counts).toMatchObject({ attempts: 3, throttled: 1 });
  });

  it('stays begun where it cannot be asked about after an attempt', async () => {
    const fail = () => {
      throw failure('unavailable');
    };
    let asked = 0;
    const { writer: one, log } = writer(1, fail, {}, async () => {
      asked += 1;
      if (asked > 2) throw failure('credentials');
      return undefined;
    });
    await expect(one.run()).rejects.toMatchObject({ code: 'ERR_CREDENTIALS' });
    expect(log).toEqual(['begin 0', 'send 0']);
  });
});

describe('the turn of a write', () => {
  it('is not taken for what is settled already', async () => {
    const turns: true[] = [];
    let asked = 0;
    const pace = { acquire: async () => void turns.push(true), answered: () => {} } as unknown as Pace;
    const settled = async (): Promise<Settled> => {
      asked += 1;
      return { status: 'written' };
    };
    await writer(1, () => {}, { pace }, settled).writer.run();
    expect([turns.length, asked]).toEqual([0, 1]);
  });

  it('is taken again as often as the gate was closed', async () => {
    const turns: true[] = [];
    const closed = [false, true, true, false];
    const passed: (boolean | undefined)[] = [];
    const pace = { acquire: async () => void turns.push(true), answered: () => {} } as unknown as Pace;
    const gate = {
      pass: async (signal: AbortSignal) => {
        signal.throwIfAborted();
        const was = closed.shift();
        passed.push(was);
        return was ?? false;
      },
    } as unknown as Gate;
    const { writer: one } = writer(1, () => {}, { pace, gate, maxWrites: 1 });
    await one.run();
    expect(passed).toEqual([false, true, true, false]);
    expect(turns).toHaveLength(3);
  });
});

/** Events of different workers may change places; each must be there. */
function byTime(log: readonly string[]) {
  return (one: string, other: string) => log.indexOf(one) - log.indexOf(other);
}

it('ends with a fault that is not an answer of the directory, and leaves the job begun: it may have arrived', async () => {
  const { writer: one, log } = writer(2, () => {
    throw new TypeError('a fault');
  });
  await expect(one.run()).rejects.toThrow(TypeError);
  expect(log).toEqual(['begin 0', 'send 0']);
});

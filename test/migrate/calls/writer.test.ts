import { describe, expect, it } from 'vitest';
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

/** Events of different workers may change places; each must be there. */
function byTime(log: readonly string[]) {
  return (one: string, other: string) => log.indexOf(one) - log.indexOf(other);
}

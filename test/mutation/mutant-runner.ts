import { openSync, readFileSync, writeSync } from 'node:fs';
import { join, relative } from 'node:path';
import { type RunnerTask, type RunnerTestCase, type RunnerTestFile, TestRunner, vi } from 'vitest';
import { startTests } from 'vitest/internal/browser';
import { type Job, Journal, jobKey, type Phase } from './journal.js';

/** What the instrumented sources read and write. */
interface Switch {
  activeMutant?: string | undefined;
  currentTestId?: string | undefined;
  hitCount?: number;
  hitLimit?: number;
  mutantCoverage?: { static: Record<string, number>; perTest: Record<string, Record<string, number>> };
}
const mutants: Switch = {};
Object.assign(globalThis, { __stryker__: mutants });

const NONE = 'none';
/** The longest tests of the first two phases: the many quick ones kill most, so that few mutants are left for the others. */
const LONGEST_MS = { quick: 60, together: 400, alone: 0 };
/** Of a test that is run at all. */
const TOO_SLOW_MS = 20_000;
/** Of a mutant in one run of a test: more is an endless loop. */
const HITS = 1_000_000;
const timeLimitMs = (usualMs: number) => 1500 + 8 * usualMs;

const FOLDER = process.env['MUTATION_FOLDER'] as string;
const PHASE = process.env['MUTATION_PHASE'] as Phase;
/** Before tests install clocks of their own. */
const { setTimeout, clearTimeout } = globalThis;
const { performance } = globalThis;
const now = performance.now.bind(performance);

const journal = new Journal(FOLDER);
const killed = new Set<string>();
const tried = new Set<string>();
/** Tests that are too slow for the first phase. */
const slow = new Set<string>();
for (const entry of journal.entries()) {
  if (entry.kind === 'killed') killed.add(entry.mutant);
  if (entry.kind === 'tried') tried.add(entry.job);
  if (entry.kind === 'covered') for (const test of entry.coverage.slow ?? []) slow.add(test);
}
const current = openSync(join(FOLDER, 'current'), 'w');

/** Says which mutant is active now, to the sources and to the process that watches this one. */
function activate(mutant: string, at: string): void {
  mutants.activeMutant = mutant;
  mutants.hitCount = 0;
  mutants.hitLimit = mutant === NONE ? Number.POSITIVE_INFINITY : HITS;
  writeSync(current, `${mutant} ${at}`.padEnd(300), 0);
}

function kill(mutant: string, test: RunnerTask): void {
  killed.add(mutant);
  journal.add({ kind: 'killed', mutant, by: test.name });
}

const TOO_LONG = 'a mutant takes too long';
class TimeIsOver extends Error {}

/**
 * Rejects where `body` takes too long: `ms` of this process, working or idle. A busy machine, on which the process has to wait for its
 * turn, does not count.
 */
async function within<T>(ms: number, body: () => T | Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const idle = performance.eventLoopUtilization();
  const work = process.cpuUsage();
  const over = new Promise<never>((_, reject) => {
    const look = () => {
      const { user, system } = process.cpuUsage(work);
      const isOver = performance.eventLoopUtilization(idle).idle > ms || (user + system) / 1000 > ms;
      if (isOver) reject(new TimeIsOver(TOO_LONG));
      else timer = setTimeout(look, ms / 4);
    };
    timer = setTimeout(look, ms);
  });
  try {
    return await Promise.race([Promise.resolve().then(body), over]);
  } finally {
    clearTimeout(timer);
  }
}

interface Repeated {
  left: string[];
  active: string;
  /** A test that fails must pass without the mutant, or it fails for another reason. */
  failedWith?: string | undefined;
  /** The last run took too long. On a busy machine this may be chance, so it counts at the second time. */
  isLate: boolean;
  readonly late: Set<string>;
  startedAt: number;
  usualMs: number;
}

/**
 * Runs each test once as it is, and then again for every mutant that it hits, in the same process: no start, no loading, for each.
 * After a test has failed, it must pass without a mutant; a test that does not is left to the second phase. In that one, a mutant is
 * active while a test file and all that it imports are loaded again.
 */
export default class MutantRunner extends TestRunner {
  #repeated = new Map<string, Repeated>();
  #alone = new Set<string>();
  #useless = new Set<string>();
  #slow = new Set<string>();
  #startedAt = 0;
  /** In the second phase, of each test without a mutant. */
  readonly #usualMs = new Map<string, number>();
  #isLate = false;

  override onCollectStart(file: RunnerTestFile): void {
    super.onCollectStart(file);
    vi.resetModules();
    mutants.mutantCoverage = { static: {}, perTest: {} };
    mutants.currentTestId = undefined;
    this.#alone.clear();
    this.#useless.clear();
    this.#slow.clear();
    this.#startedAt = now();
    activate(NONE, relative(this.config.root, file.filepath));
  }

  override async onBeforeRunTask(test: RunnerTestCase): Promise<void> {
    if (PHASE === 'alone' || (PHASE === 'together' && !slow.has(test.id))) test.mode = 'skip';
    await super.onBeforeRunTask(test);
    test.retry = 0;
    test.repeats = 1_000_000;
    this.#repeated.set(test.id, {
      left: [],
      active: NONE,
      isLate: false,
      late: new Set(),
      startedAt: now(),
      usualMs: 0,
    });
  }

  override onBeforeTryTask(test: RunnerTestCase, options?: { retry: number; repeats: number }): void {
    super.onBeforeTryTask(test);
    const state = this.#repeated.get(test.id) as Repeated;
    state.startedAt = now();
    mutants.currentTestId = options?.repeats === 0 ? test.id : 'again';
    activate(state.active, relative(this.config.root, test.file.filepath));
  }

  async runTask(test: RunnerTestCase): Promise<void> {
    const state = this.#repeated.get(test.id) as Repeated;
    const body = bodyOf(test);
    state.isLate = false;
    if (state.usualMs === 0) return body();
    try {
      await within(timeLimitMs(state.usualMs), body);
    } catch (error) {
      state.isLate = error instanceof TimeIsOver;
      throw error;
    }
  }

  onAfterRetryTask(test: RunnerTestCase, { repeats }: { repeats: number }): void {
    const state = this.#repeated.get(test.id) as Repeated;
    const failed = test.result?.state !== 'pass';
    mutants.currentTestId = 'again';
    if (repeats === 0) this.#plan(test, state, failed);
    else if (state.active !== NONE) this.#failed(state, failed);
    else if (failed) {
      this.#alone.add(test.id);
      state.left = [];
    } else if (state.failedWith !== undefined) {
      kill(state.failedWith, test);
      state.failedWith = undefined;
    }
    state.left = state.left.filter((mutant) => !killed.has(mutant));
    const checking = repeats === 0 || (state.active !== NONE && failed);
    const over = state.left.length === 0 && state.failedWith === undefined;
    state.active = checking || over ? NONE : (state.left.shift() as string);
    test.result = over ? { state: 'skip' } : { state: 'run', startTime: Date.now() };
  }

  #failed(state: Repeated, failed: boolean): void {
    const mutant = state.active;
    state.failedWith = failed && (!state.isLate || state.late.has(mutant)) ? mutant : undefined;
    if (!state.isLate || state.late.has(mutant)) return;
    state.late.add(mutant);
    state.left.unshift(mutant);
  }

  #plan(test: RunnerTestCase, state: Repeated, failed: boolean): void {
    state.usualMs = Math.max(1, now() - state.startedAt);
    if (failed || state.usualMs > TOO_SLOW_MS || test.fails) this.#useless.add(test.id);
    else if (PHASE === 'quick' && state.usualMs > LONGEST_MS.quick) this.#slow.add(test.id);
    else if (state.usualMs > LONGEST_MS.together) this.#alone.add(test.id);
    else state.left = Object.keys(mutants.mutantCoverage?.perTest[test.id] ?? {});
  }

  override async onAfterRunFiles(files?: RunnerTestFile[]): Promise<void> {
    for (const file of files ?? []) {
      if (PHASE === 'quick') this.#note(file);
      else if (PHASE === 'together') this.#noteSlow(file);
      else await this.#tryAlone(file);
    }
    mutants.currentTestId = undefined;
    super.onAfterRunFiles();
    // Nothing of these runs is a result for Vitest.
    for (const file of files ?? []) file.result = { state: 'pass' };
  }

  #note(file: RunnerTestFile): void {
    const { perTest, static: outside } = mutants.mutantCoverage ?? { perTest: {}, static: {} };
    const ids = [...this.#repeated.keys()];
    journal.add({
      kind: 'covered',
      coverage: {
        file: relative(this.config.root, file.filepath),
        outside: Object.keys(outside),
        inside: Object.fromEntries(ids.map((id) => [id, Object.keys(perTest[id] ?? {})])),
        slow: [...this.#slow],
        alone: [...this.#alone],
        useless: [...this.#useless],
        milliseconds: Math.round(now() - this.#startedAt),
      },
    });
    this.#repeated.clear();
  }

  #noteSlow(file: RunnerTestFile): void {
    const alone = [...this.#alone, ...this.#useless];
    journal.add({ kind: 'slow', file: relative(this.config.root, file.filepath), alone });
    this.#repeated.clear();
  }

  async #tryAlone(file: RunnerTestFile): Promise<void> {
    const { jobs, useless } = JSON.parse(readFileSync(join(FOLDER, 'jobs.json'), 'utf8')) as {
      jobs: Job[];
      useless: string[];
    };
    const name = relative(this.config.root, file.filepath);
    const skipped = new Set(useless);
    // The first one without a mutant: what fails then, fails always.
    const first: Job = { file: name, mutant: NONE };
    for (const job of [first, ...jobs.filter((one) => one.file === name && !tried.has(jobKey(one)))]) {
      if (killed.has(job.mutant)) continue;
      const wanted = (id: string) => !skipped.has(id) && (job.tests?.includes(id) ?? true);
      const again = () => this.#load(file.filepath, wanted, job.mutant);
      this.#isLate = false;
      let failed = await again();
      if (this.#isLate) failed = await again();
      if (job.mutant === NONE) for (const test of failed) skipped.add(test.id);
      else if (failed[0] !== undefined) kill(job.mutant, failed[0]);
      if (job.mutant !== NONE) journal.add({ kind: 'tried', job: jobKey(job) });
    }
  }

  /** Loads a test file and what it imports again, with a mutant active. Returns what failed: without a mutant everything, else the first. */
  async #load(path: string, wanted: (id: string) => boolean, mutant: string): Promise<RunnerTask[]> {
    const failed: RunnerTask[] = [];
    const all = mutant === NONE;
    activate(mutant, relative(this.config.root, path));
    const nested = Object.assign(Object.create(TestRunner.prototype), this) as TestRunner;
    Object.defineProperty(nested, 'moduleRunner', {
      value: (this as unknown as { moduleRunner: unknown }).moduleRunner,
    });
    Object.assign(nested, {
      onTaskUpdate: async () => {},
      onCollected: () => {},
      onBeforeRunFiles: () => {},
      onAfterRunFiles: () => {},
      onTestAnnotate: undefined,
      onCollectStart: (file: RunnerTestFile) => {
        TestRunner.prototype.onCollectStart.call(nested, file);
        vi.resetModules();
      },
      onBeforeRunTask: async (test: RunnerTestCase) => {
        if ((failed.length > 0 && !all) || !wanted(test.id)) test.mode = 'skip';
        await TestRunner.prototype.onBeforeRunTask.call(nested, test);
        test.retry = 0;
      },
      runTask: async (test: RunnerTestCase) => {
        const begunAt = now();
        const usualMs = this.#usualMs.get(test.id);
        await within(all || usualMs === undefined ? TOO_SLOW_MS : timeLimitMs(usualMs), bodyOf(test));
        if (all) this.#usualMs.set(test.id, now() - begunAt);
      },
      onAfterRunTask: (test: RunnerTestCase) => {
        if (test.result?.state !== 'fail') return;
        failed.push(test);
        this.#isLate ||= test.result.errors?.[0]?.message === TOO_LONG;
      },
      onAfterRunSuite: () => {},
    });
    const [file] = await startTests([path], nested as never);
    vi.useRealTimers();
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
    activate(NONE, relative(this.config.root, path));
    if (failed.length === 0 && file?.result?.state === 'fail') failed.push(file as RunnerTask);
    return failed;
  }
}

function bodyOf(test: RunnerTestCase): () => Promise<void> {
  const body = TestRunner.getTestFn(test);
  return async () => {
    await body?.();
  };
}

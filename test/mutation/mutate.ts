import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Instrumenter } from '@stryker-mutator/instrumenter';
import { type Entry, type Job, Journal, jobKey, type Phase } from './journal.js';
import { LEFT_OUT, type Place } from './places.js';

const root = resolve(fileURLToPath(import.meta.url), '../../..');
/** A mutant that the process spends so long on is in an endless loop. */
const STUCK_MS = 60_000;

export interface Result {
  readonly name: string;
  readonly killed: number;
  /** A line each: where, what, and what it becomes. */
  readonly survivors: readonly string[];
}

interface Mutant {
  readonly id: string;
  readonly fileName: string;
  readonly mutatorName: string;
  readonly replacement: string;
  readonly location: { readonly start: { readonly line: number; readonly column: number } };
  readonly status?: string;
}

const filesIn = (folder: string, ending: string) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => join(folder, name))
    .sort();

/** Everything of these files becomes mutants, but for texts: messages are words, and codes are typed. */
async function instrument(files: readonly string[]) {
  const silent = new Proxy({}, { get: (_, name) => () => (String(name).startsWith('is') ? false : undefined) });
  const sources = files.map((name) => ({ name, mutate: true, content: readFileSync(join(root, name), 'utf8') }));
  const options = { plugins: null, excludedMutations: ['StringLiteral'], ignorers: [], noHeader: false };
  const done = await new Instrumenter(silent as never).instrument(sources, options as never);
  return {
    sources: Object.fromEntries(done.files.map(({ name, content }) => [join(root, name), content])),
    mutants: (done.mutants as unknown as Mutant[]).filter(({ status }) => status !== 'Ignored'),
  };
}

/** Those of single source files first, and the small ones of these: they kill most, in the least time. */
function testsOf(place: Place, sources: readonly string[]): string[] {
  const mirrored = new Set(sources.map((file) => `test/${file.replace(/^src\//, '').replace(/\.ts$/, '.test.ts')}`));
  const first = new Set(place.first);
  // What replaces modules does so for all that run after it, and an application of Nest takes long to start.
  const isLast = (file: string) => /\bvi\.mock\(|\bfrom '@nestjs\//.test(readFileSync(join(root, file), 'utf8'));
  const part = (file: string) => (first.has(file) ? 0 : isLast(file) ? 3 : mirrored.has(file) ? 1 : 2);
  const rank = (file: string) => part(file) * 1e9 + statSync(join(root, file)).size;
  return [...filesIn(place.tests, '.test.ts'), ...(place.also ?? [])]
    .filter((file) => !file.endsWith('.long.test.ts') && !LEFT_OUT.includes(file))
    .sort((a, b) => rank(a) - rank(b));
}

const ended = (child: ChildProcess) => new Promise<void>((done) => child.once('exit', () => done()));

function endGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // It has just ended.
  }
}

/** Runs the tests until all of them came to an end. A mutant that stops the process is killed by this. */
async function run(folder: string, phase: Phase, filesLeft: () => string[]): Promise<void> {
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const current = join(folder, 'current');
  for (let left = filesLeft(), stops = 0; left.length > 0 && stops < 60; left = filesLeft()) {
    writeFileSync(current, 'none');
    const output = process.env['MUTATION_VERBOSE'] === undefined ? 'ignore' : 'inherit';
    const child = spawn(process.execPath, [vitest, 'run', '--config', 'vitest.mutation.config.ts', ...left], {
      cwd: root,
      env: { ...process.env, MUTATION_FOLDER: folder, MUTATION_PHASE: phase },
      stdio: ['ignore', output, output],
      // With its workers in a group of its own: one in an endless loop would outlive what started it.
      detached: true,
    });
    const stop = () => endGroup(child);
    process.once('exit', stop);
    const end = ended(child);
    const watch = setInterval(() => {
      if (Date.now() - statSync(current).mtimeMs > STUCK_MS) endGroup(child);
    }, 2000);
    await end;
    clearInterval(watch);
    process.off('exit', stop);
    if (child.exitCode === 0 && phase === 'alone') return;
    const before = left.length;
    if (filesLeft().length === before || child.exitCode !== 0) {
      stops++;
      const [mutant, file] = readFileSync(current, 'utf8').trim().split(' ') as [string, string?];
      if (mutant !== 'none') new Journal(folder).add({ kind: 'killed', mutant, by: `${file}: the process stopped` });
      else if (stops > 5) throw new Error(`${file ?? left.join()} does not run without a mutant`);
    }
  }
}

/** What the second phase is for: files with slow tests that hit mutants which are left. */
function slowFiles(alive: ReadonlySet<string>, entries: readonly Entry[]): string[] {
  const done = new Set(entries.flatMap((entry) => (entry.kind === 'slow' ? [entry.file] : [])));
  return coveragesOf(entries)
    .filter(
      ({ file, slow, inside }) => !done.has(file) && slow?.some((test) => inside[test]?.some((id) => alive.has(id))),
    )
    .map(({ file }) => file);
}

const coveragesOf = (entries: readonly Entry[]) =>
  entries.flatMap((entry) => (entry.kind === 'covered' ? [entry.coverage] : []));

/** What the first phases have left: mutants outside of tests, and in tests that cannot be repeated beside the others. */
function jobsFor(alive: ReadonlySet<string>, entries: readonly Entry[]): Job[] {
  const jobs: Job[] = [];
  const found = entries.flatMap((entry) => (entry.kind === 'slow' ? entry.alone : []));
  for (const { file, outside, inside, alone: first } of coveragesOf(entries)) {
    const alone = new Set([...first, ...found.filter((test) => inside[test] !== undefined)]);
    const everywhere = new Set(outside.filter((mutant) => alive.has(mutant)));
    for (const mutant of everywhere) jobs.push({ file, mutant });
    const tests = new Map<string, string[]>();
    for (const test of alone) {
      for (const mutant of inside[test] ?? []) {
        if (alive.has(mutant) && !everywhere.has(mutant)) tests.set(mutant, [...(tests.get(mutant) ?? []), test]);
      }
    }
    for (const [mutant, ids] of tests) jobs.push({ file, mutant, tests: ids });
  }
  return jobs;
}

function described(mutant: Mutant): string {
  const { line, column } = mutant.location.start;
  const replacement = mutant.replacement.replace(/\s+/g, ' ').slice(0, 100);
  return `${mutant.fileName}:${line + 1}:${column + 1} ${mutant.mutatorName} ${replacement}`;
}

/** Tries every mutant of a place. */
export async function mutate(place: Place): Promise<Result> {
  const folder = process.env['MUTATION_KEEP'] ?? mkdtempSync(join(tmpdir(), 'mutation-'));
  mkdirSync(folder, { recursive: true });
  try {
    const files = filesIn(place.sources, '.ts');
    const { sources, mutants } = await instrument(files);
    const tests = testsOf(place, files);
    const inOrder = (tests: readonly string[]) =>
      writeFileSync(join(folder, 'place.json'), JSON.stringify({ sources, tests }));
    inOrder(tests);
    writeFileSync(join(folder, 'mutants.json'), JSON.stringify(mutants));
    const entries = () => new Journal(folder).entries();
    const killed = () => new Set(entries().flatMap((entry) => (entry.kind === 'killed' ? [entry.mutant] : [])));
    const alive = () => {
      const dead = killed();
      return new Set(mutants.map(({ id }) => id).filter((id) => !dead.has(id)));
    };
    await run(folder, 'quick', () => {
      const done = new Set(coveragesOf(entries()).map(({ file }) => file));
      return tests.filter((test) => !done.has(test));
    });
    await run(folder, 'together', () => {
      const files = new Set(slowFiles(alive(), entries()));
      return tests.filter((test) => files.has(test));
    });
    console.log(`${place.name}: ${mutants.length} mutants, ${killed().size} killed side by side`);
    // Each mutant now costs all tests of a file: those of several sources, which take the longest, get what the others leave.
    const long = place.first ?? [];
    inOrder([...tests.filter((test) => !long.includes(test)), ...long]);
    await run(folder, 'alone', () => {
      const jobs = jobsFor(alive(), entries());
      writeFileSync(
        join(folder, 'jobs.json'),
        JSON.stringify({ jobs, useless: coveragesOf(entries()).flatMap((one) => one.useless) }),
      );
      const tried = new Set(entries().flatMap((entry) => (entry.kind === 'tried' ? [entry.job] : [])));
      const left = new Set(jobs.filter((job) => !tried.has(jobKey(job))).map(({ file }) => file));
      return tests.filter((test) => left.has(test));
    });
    const survivors = mutants.filter(({ id }) => alive().has(id));
    return { name: place.name, killed: mutants.length - survivors.length, survivors: survivors.map(described) };
  } finally {
    if (process.env['MUTATION_KEEP'] === undefined) rmSync(folder, { recursive: true });
  }
}

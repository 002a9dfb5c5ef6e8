/**
 * How long the dashboard takes with a state of many users, while half of them are written: until a browser has painted the page for the
 * first time, and for each page and file after that.
 *
 *     npm run bench:dashboard -- [--users 1000000] [--json]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { makeLargeState } from '../test/migrate/support/large-state.js';
import { builtBin } from '../test/support/cli-process.js';
import { CHROMIUM, HAS } from '../test/support/tools.js';

export interface DashboardFigure {
  readonly name: string;
  /** The median. */
  readonly ms: number;
  /** The target. */
  readonly most?: number;
}

const ROUNDS = 5;
const PAINTED = `new Promise((resolve) => {
  const of = () => performance.getEntriesByName('first-contentful-paint')[0];
  if (of()) return resolve(of().startTime);
  new PerformanceObserver(() => of() && resolve(of().startTime)).observe({ type: 'paint', buffered: true });
})`;

async function ms(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

export async function benchDashboard(users: number): Promise<readonly DashboardFigure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'cutover-bench-'));
  const path = join(folder, 'cutover.db');
  try {
    makeLargeState({ path, users, written: 0.5 });
    const starts: number[] = [];
    const paints: number[] = [];
    let figures: readonly DashboardFigure[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      await withDashboard(path, async (address) => {
        // Nothing was read before: the state is as cold as the command.
        starts.push(await ms(() => read(address)));
        if (HAS.chromium) paints.push(await firstPaint(address));
        if (round === ROUNDS - 1) figures = await requests(address);
      });
    }
    return [
      { name: 'first page of a command just started', ms: median(starts), most: 1_000 },
      ...(HAS.chromium ? [{ name: 'first paint in Chromium', ms: median(paints), most: 1_000 }] : []),
      ...figures,
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function requests(address: string): Promise<readonly DashboardFigure[]> {
  const of = async (name: string, path: string): Promise<DashboardFigure> => {
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) times.push(await ms(() => read(`${address}${path}`)));
    return { name, ms: median(times) };
  };
  return [
    await of('the page again', ''),
    await of('failed writes', '?show=failed'),
    await of('everybody, from the middle', '?show=everybody&after=8'),
    await of('one user by the beginning of the name', '?show=everybody&name=8000'),
    await of('CSV of the ambiguous users', 'users.csv?show=ambiguous'),
  ];
}

async function read(address: string): Promise<void> {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(await answer.text());
  const text = await answer.text();
  if (text.startsWith('<') && !text.includes('written'))
    throw new Error('the page was shown before the state was read');
}

async function firstPaint(address: string): Promise<number> {
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  try {
    const tab = await browser.newPage();
    await tab.goto(address, { waitUntil: 'commit' });
    return (await tab.evaluate(PAINTED)) as number;
  } finally {
    await browser.close();
  }
}

async function withDashboard(state: string, work: (address: string) => Promise<void>): Promise<void> {
  const child = spawn(process.execPath, [builtBin(), 'dashboard', '--state', state, '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const [line] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
    await work((JSON.parse(line) as { address: string }).address);
  } finally {
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }
}

export function printDashboard(users: number, figures: readonly DashboardFigure[]): void {
  console.log(`\nThe dashboard with a state of ${users.toLocaleString('en-US')} users, half of them written`);
  for (const { name, ms: took, most } of figures) {
    const target = most === undefined ? '' : `  (at most ${most})${took > most ? '  MISSED' : ''}`;
    console.log(`  ${name.padEnd(38)}  ${took.toFixed(0).padStart(5)} ms${target}`);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: { users: { type: 'string', default: '1000000' }, json: { type: 'boolean', default: false } },
  });
  const users = Number(values.users);
  const figures = await benchDashboard(users);
  if (values.json) console.log(JSON.stringify({ users, figures }, undefined, 2));
  else printDashboard(users, figures);
}

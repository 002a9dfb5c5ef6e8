import { anyOf } from '../../migrate/calls/signals.js';
import { describeWorker } from '../../migrate/files/worker.js';
import { listedShare } from '../../migrate/progress.js';
import type { StatusResult } from '../../migrate/results.js';
import { formatCount } from '../../words.js';
import { type CommandContext, type CommandResult, defineCommand } from '../define-command.js';
import { type CommonSettings, STATE_OPTIONS } from '../options/common.js';
import { nextPlan, OTHER_OPTIONS } from '../options/next-plan.js';
import { commandLineOnly, flagOption, refuseTogether } from '../options/option.js';
import { withState } from '../pools.js';
import { formatDuration, formatPart, formatRate, formatTable, formatTime, formatUsers } from '../terminal/format.js';
import { percent } from '../terminal/messages.js';
import type { Colours } from '../terminal/terminal.js';
import { folded } from '../terminal/wrapped.js';
import { phaseInWords } from '../wording/run-phases.js';
import { groupLines, outcomeLines } from '../wording/summary.js';

const DRAWN_MS = 2_000;
const LOGGED_MS = 30_000;
/** Clears the screen and moves to its top. */
const CLEARED = '\x1b[2J\x1b[H';
/** Drawn over what is there, so that the screen does not flicker: to the top, then erase the rest of each line, and of the screen. */
const TOP = '\x1b[H';
const END_OF_LINE = '\x1b[K\n';
const BELOW = '\x1b[J';

export const statusCommand = defineCommand({
  name: 'status',
  stage: 'backfill',
  summary: 'show how far it is, how fast it goes and when it is done',
  description:
    'Shows from the state file how far the migration is, how fast it goes and when it is done. Calls no pool, and works beside a running command.',
  examples: [
    'cognito-cutover status',
    'cognito-cutover status --watch',
    'cognito-cutover status --state cutover.db --json',
  ],
  options: {
    ...STATE_OPTIONS,
    watch: commandLineOnly(flagOption('keep showing it, until interrupted')),
  },
  run: async (settings, context): Promise<CommandResult> => {
    const { readStatus } = await import('../../migrate/report.js');
    // Opened each time: the file that is watched may be replaced.
    const look = () => withState(settings, 'read', async (state) => readStatus(state));
    if (settings.watch) {
      if (context.given('json')) refuseTogether('--watch', '--json');
      await watch(async () => statusLines(await look(), settings, context), context);
    }
    const status = await look();
    return { json: status, attention: false, summary: statusLines(status, settings, context) };
  },
});

/** Redraws the screen, or adds block after block to a log. The last one is the command's result. */
async function watch(lines: () => Promise<string[]>, { stdout, clock, signal, hangUp }: CommandContext): Promise<void> {
  const { isTTY } = stdout;
  // Nobody is watching any more, as with `… | head` or after the terminal was closed. A log has no watcher to lose.
  const lost = new AbortController();
  const lose = () => lost.abort();
  stdout.once('error', lose);
  const stop = anyOf(signal, lost.signal, isTTY === true ? hangUp : undefined);
  if (isTTY) stdout.write(CLEARED);
  try {
    while (!stop.aborted) {
      stdout.write(isTTY ? drawn(await lines(), stdout) : `${(await lines()).join('\n')}\n\n`);
      await clock.sleep(isTTY ? DRAWN_MS : LOGGED_MS, stop).catch(() => undefined);
    }
  } finally {
    stdout.removeListener('error', lose);
  }
  if (isTTY) stdout.write(CLEARED);
}

/** What does not fit the screen is cut at its end: how far it is stands at the top. */
function drawn(lines: readonly string[], { columns, rows }: CommandContext['stdout']): string {
  const shown = folded(lines, columns).slice(0, rows === undefined ? undefined : Math.max(1, rows - 1));
  return `${TOP}${shown.map((line) => `${line}${END_OF_LINE}`).join('')}${BELOW}`;
}

function statusLines(status: StatusResult, settings: CommonSettings, context: CommandContext): string[] {
  const { colours, clock } = context;
  const { plan, writes, verified } = status;
  const rows: [string, string][] = [
    ['phase', phaseInWords(status)],
    ...status.workers.map((worker): [string, string] => ['at work', describeWorker(worker, clock.now())]),
    ...(status.waiting === undefined ? [] : [waitingRow(status.waiting, colours)]),
    ...(status.pace.paused
      ? [['paused', colours.yellow('nothing is written until `cognito-cutover pace --resume`')] as [string, string]]
      : []),
    ...(status.pace.rps === null
      ? []
      : [['pace', `at most ${formatRate(status.pace.rps)}, as \`cognito-cutover pace\` set it`] as [string, string]]),
    ['attribute', status.attribute],
    ...status.listing.map(listedRow),
    ...listingRows(status),
  ];
  if (status.plannedAt !== undefined) rows.push(['planned', formatTime(status.plannedAt)]);
  if (writes.total > 0) {
    const counts = [formatPart(writes.written, writes.total)];
    if (writes.failed > 0) counts.push(colours.red(`${formatCount(writes.failed)} failed`));
    if (writes.skipped > 0) counts.push(`${formatCount(writes.skipped)} skipped`);
    if (writes.inFlight > 0) counts.push(`${formatCount(writes.inFlight)} begun`);
    if (writes.rolledBack > 0) counts.push(`${formatCount(writes.rolledBack)} rolled back`);
    counts.push(`${formatCount(writes.remaining)} remain`);
    rows.push(['writes', counts.join(', ')]);
  }
  if (writes.perSecond !== undefined) rows.push(['speed', formatRate(writes.perSecond)]);
  if (writes.secondsLeft !== undefined && writes.remaining > 0) {
    rows.push(['time left', timeLeft(writes.secondsLeft, status.running ? clock.now() : undefined)]);
  }
  if (verified !== undefined) {
    const { right, checked } = verified.result;
    rows.push(['verified', `${formatTime(verified.at)}: ${formatPart(right, checked)} right`]);
  }
  return [
    colours.bold(`Cutover from ${status.legacyPools.join(', ')} to ${status.newPool}`),
    ...formatTable(rows),
    ...(plan === undefined ? [] : ['', ...outcomeLines(plan, colours)]),
    ...(plan?.groups === undefined ? [] : ['', ...groupLines(plan.groups, colours)]),
    ...(status.warnings.length > 0 ? [''] : []),
    ...status.warnings.map((warning) => `${colours.yellow('warning:')} ${warning}`),
    ...nextStep(status, settings, context),
  ];
}

function listedRow(pool: StatusResult['listing'][number]): [string, string] {
  const share = listedShare(pool);
  const listed = share === 1 ? 'listed' : `listed, ${percent(share)}`;
  return [`${pool.side} pool`, `${pool.userPoolId}, ${formatUsers(pool.users)} ${listed}`];
}

/** The speed of the listing, and one time left over all pools. */
function listingRows({ listing, listingPerSecond, listingSecondsLeft }: StatusResult): [string, string][] {
  if (listingPerSecond === undefined) return [];
  const left = listingSecondsLeft === undefined ? 'unknown' : formatDuration(listingSecondsLeft);
  return [
    ['speed', `${formatRate(listingPerSecond)} listed`],
    ['time left', `${left} for ${listing.length === 2 ? 'both' : 'all'} pools`],
  ];
}

/** Of a running command, also until when that is. */
function timeLeft(seconds: number, now: number | undefined): string {
  if (now === undefined) return `${formatDuration(seconds)} at that speed`;
  return `${formatDuration(seconds)}, until ${formatTime(new Date(now + seconds * 1_000))}`;
}

function waitingRow({ reason, since }: NonNullable<StatusResult['waiting']>, colours: Colours): [string, string] {
  return ['waiting', colours.yellow(`${reason}, since ${formatTime(since)}`)];
}

function nextStep(status: StatusResult, settings: CommonSettings, { again }: CommandContext): string[] {
  const { phase, running, writes, verified } = status;
  if (running) return [];
  switch (phase) {
    case 'listing':
    case 'matching':
      return ['', 'The plan is not finished. Continue with:', `  ${again(nextPlan(status, settings))}`, OTHER_OPTIONS];
    case 'planned':
    case 'applying':
      return writes.remaining > 0 ? ['', 'Next:', `  ${again('apply')}`] : ['', 'Next:', `  ${again('verify')}`];
    case 'applied':
      return verified === undefined || (writes.lastAt !== undefined && verified.at < writes.lastAt)
        ? ['', 'Next:', `  ${again('verify')}`]
        : [];
    case 'rolling-back':
      return ['', 'The rollback is not finished. Continue with:', `  ${again('rollback')}`];
    case 'rolled-back':
      return [];
  }
}

import { anyOf } from '../../migrate/calls/signals.js';
import { describeWorker } from '../../migrate/files/worker.js';
import type { StatusResult } from '../../migrate/results.js';
import { formatCount } from '../../words.js';
import { type CommandContext, type CommandResult, defineCommand } from '../define-command.js';
import { COMMON_OPTIONS } from '../options/common.js';
import { commandLineOnly, flagOption, refuseTogether } from '../options/option.js';
import { withState } from '../pools.js';
import { formatDuration, formatPart, formatRate, formatTable, formatTime } from '../terminal/format.js';
import type { Colours } from '../terminal/terminal.js';
import { groupLines, outcomeLines } from '../wording/summary.js';

/** What a phase is while a command works on it, and when it stopped half way. */
const PHASES: Readonly<Record<StatusResult['phase'], readonly [atWork: string, idle: string]>> = {
  listing: ['listing the pools', 'listing stopped half way'],
  matching: ['matching the users', 'matching stopped half way'],
  planned: ['planned, about to write', 'planned, nothing written yet'],
  applying: ['writing', 'writing stopped half way'],
  applied: ['written, a command is at work', 'written'],
  'rolling-back': ['rolling back', 'rollback stopped half way'],
  'rolled-back': ['rolled back, a command is at work', 'rolled back'],
};

const DRAWN_MS = 2_000;
const LOGGED_MS = 30_000;
/** Clears the screen and moves to its top. */
const CLEARED = '\x1b[2J\x1b[H';

export const statusCommand = defineCommand({
  name: 'status',
  summary: 'show how far the migration is, how fast it goes and when it is done',
  description:
    'Shows from the state file how far the migration is, how fast it goes and when it is done. Calls no pool, and works beside a running command.',
  examples: [
    'cognito-cutover status',
    'cognito-cutover status --watch',
    'cognito-cutover status --state cutover.db --json',
  ],
  options: {
    ...COMMON_OPTIONS,
    watch: commandLineOnly(flagOption('keep showing it, until interrupted')),
  },
  run: async (settings, context): Promise<CommandResult> => {
    const { readStatus } = await import('../../migrate/report.js');
    // Opened each time: the file that is watched may be replaced.
    const look = () => withState(settings, 'read', async (state) => readStatus(state));
    if (settings.watch) {
      if (context.given('json')) refuseTogether('--watch', '--json');
      await watch(async () => statusLines(await look(), context), context);
    }
    const status = await look();
    return { json: status, attention: false, summary: statusLines(status, context) };
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
  try {
    while (!stop.aborted) {
      stdout.write(`${isTTY ? CLEARED : ''}${(await lines()).join('\n')}\n${isTTY ? '' : '\n'}`);
      await clock.sleep(isTTY ? DRAWN_MS : LOGGED_MS, stop).catch(() => undefined);
    }
  } finally {
    stdout.removeListener('error', lose);
  }
  if (isTTY) stdout.write(CLEARED);
}

function statusLines(status: StatusResult, { colours, clock, again }: CommandContext): string[] {
  const { plan, writes, verified } = status;
  const rows: [string, string][] = [
    ['phase', PHASES[status.phase][status.running ? 0 : 1]],
    ...status.workers.map((worker): [string, string] => ['at work', describeWorker(worker, clock.now())]),
    ...(status.waiting === undefined ? [] : [waitingRow(status.waiting, colours)]),
    ...(status.pace.paused
      ? [['paused', colours.yellow('nothing is written until `cognito-cutover pace --resume`')] as [string, string]]
      : []),
    ...(status.pace.rps === null
      ? []
      : [['pace', `at most ${formatRate(status.pace.rps)}, as \`cognito-cutover pace\` set it`] as [string, string]]),
    ['attribute', status.attribute],
    ...status.listing.map(({ side, userPoolId, users, shardsDone, shards }): [string, string] => [
      `${side} pool`,
      `${userPoolId}, ${formatCount(users)} users listed, ${shardsDone} of ${shards} shards`,
    ]),
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
    const end = new Date(clock.now() + writes.secondsLeft * 1_000);
    rows.push(['time left', `${formatDuration(writes.secondsLeft)} at that speed, until ${formatTime(end)}`]);
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
    ...nextStep(status, again),
  ];
}

function waitingRow({ reason, since }: NonNullable<StatusResult['waiting']>, colours: Colours): [string, string] {
  return ['waiting', colours.yellow(`${reason}, since ${formatTime(since)}`)];
}

function nextStep({ phase, running, writes, verified }: StatusResult, again: (command: string) => string): string[] {
  if (running) return [];
  switch (phase) {
    case 'listing':
    case 'matching':
      return ['', 'The plan is not finished. Continue with:', `  ${again('plan')}`];
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

import { describeWorker } from '../../../../migrate/files/worker.js';
import { listedShare } from '../../../../migrate/progress.js';
import type { StatusResult } from '../../../../migrate/results.js';
import { formatCount } from '../../../../words.js';
import { type Html, html } from '../../../html/template.js';
import {
  formatDuration,
  formatPart,
  formatRate,
  formatShare,
  formatTime,
  formatUsers,
} from '../../../terminal/format.js';
import { phaseInWords } from '../../../wording/run-phases.js';
import {
  inWords,
  isOutdated,
  nextSteps,
  totalOf,
  type WhatHappened,
  writesSection,
} from '../../report/what-happened.js';
import type { StateView } from '../state-view.js';

/** What the panel needs to name the next command. */
export type Commands = Pick<WhatHappened, 'again' | 'planAgain'>;

/** How far the backfill is, how fast it goes, and what it waits for. */
export function backfillBody(view: StateView, commands: Commands, now: number): Html {
  const { status, counts } = view;
  const happened = counts && { status, counts, ...commands };
  return html`<div class="panel">
<p class="verdict">${happened === undefined ? sentence(phaseInWords(status)) : inWords(happened)}</p>
${holdUp(status)}
${progressOf(view)}
<dl class="facts">${factsOf(view, now).map(([what, is]) => html`<div><dt>${what}</dt><dd>${is}</dd></div>`)}</dl>
${status.warnings.map((warning) => html`<p class="notice"><strong>Warning:</strong> ${warning}</p>`)}
</div>
${happened === undefined ? html`` : nextSteps(happened)}
${happened === undefined ? html`` : writesSection(happened)}`;
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

/** Why nothing is sent, which is what an operator has to see first. */
function holdUp({ waiting, pace }: StatusResult): Html {
  const waits =
    waiting &&
    html`<p class="notice"><strong>Waiting:</strong> ${waiting.reason}, since ${formatTime(waiting.since)}.</p>`;
  const paused =
    pace.paused &&
    html`<p class="notice"><strong>Paused:</strong> nothing is written until <code>cognito-cutover pace --resume</code>.</p>`;
  return html`${waits || html``}${paused || html``}`;
}

/** One bar: of the listing while the pools are listed, then of the writes. */
function progressOf(view: StateView): Html {
  const { share, label } = shareOf(view) ?? {};
  if (share === undefined || label === undefined) return html``;
  const percent = Math.floor(share * 1000) / 10;
  return html`<div class="progress" role="progressbar" aria-label="${label}" aria-valuemin="0" aria-valuemax="100" aria-valuenow="${percent}" aria-valuetext="${formatShare(share)}">
<svg class="bar" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true"><rect class="track" width="100" height="1"/><rect class="ok" width="${percent}" height="1"/></svg>
<span>${formatShare(share)}</span></div>`;
}

/** How much of the present work is done; `undefined` where there is nothing to measure. */
export function shareOf({ status, counts }: StateView): { readonly share: number; readonly label: string } | undefined {
  if (status.phase === 'listing') {
    const parts = status.listing.map((pool) => listedShare(pool));
    const share = parts.reduce((sum, part) => sum + part, 0) / Math.max(1, parts.length);
    return { share, label: 'Users of the pools listed' };
  }
  if (counts === undefined) return undefined;
  const { planned, left } = totalOf(counts);
  return planned === 0 ? undefined : { share: (planned - left) / planned, label: 'Planned writes done' };
}

type Fact = readonly [what: string, is: string];

function factsOf({ status, counts }: StateView, now: number): readonly Fact[] {
  const { workers, writes, pace, listing, verified, plannedAt, running } = status;
  const facts: Fact[] = [['State', phaseInWords(status)]];
  const atWork = workers.map((worker) => describeWorker(worker, now).replaceAll('`', '')).join('; ');
  facts.push(['At work', atWork === '' ? (running ? 'a command that does not say its name' : 'nothing') : atWork]);
  if (status.phase === 'listing' || counts === undefined) {
    for (const pool of listing) {
      const share = listedShare(pool);
      const done = share === 1 ? 'all' : formatShare(share);
      facts.push([
        `${sentence(pool.side).slice(0, -1)} pool`,
        `${pool.userPoolId}, ${formatUsers(pool.users)} listed (${done})`,
      ]);
    }
  }
  const left = timeLeft(status, now);
  if (left !== undefined) facts.push(['Speed', left.speed], ['Time left', left.text]);
  if (pace.rps !== null) facts.push(['Pace', `at most ${formatRate(pace.rps)}, as pace set it`]);
  if (writes.inFlight > 0) facts.push(['In flight', formatCount(writes.inFlight)]);
  if (writes.lastAt !== undefined) facts.push(['Last write', formatTime(writes.lastAt)]);
  if (plannedAt !== undefined) facts.push(['Planned', formatTime(plannedAt)]);
  if (verified !== undefined) {
    const { right, checked } = verified.result;
    const old = isOutdated(status) ? ', before the last write' : '';
    facts.push(['Verified', `${formatPart(right, checked)} right, ${formatTime(verified.at)}${old}`]);
  }
  return facts;
}

/** How fast it goes and how long it takes; `undefined` where nothing is under way or left. */
export function timeLeft(
  { phase, running, writes, listingPerSecond, listingSecondsLeft }: StatusResult,
  now: number,
): { readonly speed: string; readonly short: string; readonly text: string } | undefined {
  if (phase === 'listing') {
    if (listingPerSecond === undefined) return undefined;
    const short = listingSecondsLeft === undefined ? 'unknown' : formatDuration(listingSecondsLeft);
    return { speed: `${formatRate(listingPerSecond)} listed`, short, text: `${short} for all pools` };
  }
  const { perSecond, secondsLeft, remaining } = writes;
  if (perSecond === undefined || secondsLeft === undefined || remaining === 0) return undefined;
  const short = formatDuration(secondsLeft);
  const until = running ? `until ${formatTime(new Date(now + secondsLeft * 1_000))}` : 'at the speed of the last run';
  return { speed: formatRate(perSecond), short, text: `${short}, ${until}` };
}

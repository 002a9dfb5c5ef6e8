import type { DrainReport } from '../../../../operate/drain/drain-types.js';
import { counted, formatCount } from '../../../../words.js';
import { card } from '../../../html/parts.js';
import { type Html, html } from '../../../html/template.js';
import { formatPart, formatShare } from '../../../terminal/format.js';
import { phaseInWords } from '../../../wording/run-phases.js';
import { totalOf } from '../../report/what-happened.js';
import type { Reading } from '../live-source.js';
import type { StateView } from '../state-view.js';
import { shareOf, timeLeft } from './backfill-panel.js';
import { nextDate, PHASE_TEXTS, type PhaseView } from './phase-panel.js';
import { legacyTokens } from './traffic-panel.js';

/** What the page knows of each source. `drain` and `phase` only where the command was told where they are. */
export interface Readings {
  readonly state: Reading<StateView>;
  readonly drain?: Reading<DrainReport>;
  readonly phase?: Reading<PhaseView>;
}

/** The page in six numbers. What is not known says so: a dash is never read as nought. */
export function overview({ state, drain, phase }: Readings, now: number): Html {
  return html`<dl class="cards">
${backfillCards(state, now)}
${drain === undefined ? html`` : drainCards(drain, now)}
${phase === undefined ? html`` : phaseCard(phase, now)}
</dl>`;
}

const UNKNOWN = '–';

/** Marked where the source fails now: the number is that of an earlier moment. */
const stale = ({ problem }: Reading<unknown>): string => (problem === undefined ? '' : ' stale');

function backfillCards(reading: Reading<StateView>, now: number): Html {
  const { value } = reading;
  if (value === undefined) {
    const why = reading.problem?.isAwaited === true ? 'not planned yet' : 'cannot be read';
    return card(
      'Backfill',
      UNKNOWN,
      html`<a href="#backfill">${reading.problem === undefined ? 'reading' : why}</a>`,
      'unknown',
    );
  }
  const { status, counts } = value;
  const share = shareOf(value);
  const total = counts && totalOf(counts);
  const note =
    total === undefined || total.planned === 0 || status.phase === 'listing'
      ? phaseInWords(status)
      : `${formatPart(total.written, total.planned)} written`;
  const left = timeLeft(status, now);
  const held = status.waiting !== undefined ? 'waiting' : status.pace.paused ? 'paused' : undefined;
  return html`${card('Backfill', share === undefined ? UNKNOWN : formatShare(share.share), html`<a href="#backfill">${note}</a>`, stale(reading))}
${card('Time left', left?.short ?? UNKNOWN, held ?? left?.speed ?? (status.running ? 'a command is at work' : 'nothing is running'), `${held === undefined ? '' : 'held'}${stale(reading)}`)}
${counts === undefined ? html`` : card('Need a person', formatCount(counts.needPerson), html`<a href="#for-a-person">${counts.needPerson === 1 ? 'user' : 'users'}</a>`, `${counts.needPerson > 0 ? 'held' : 'passed'}${stale(reading)}`)}`;
}

function drainCards(reading: Reading<DrainReport>, now: number): Html {
  const { value, problem } = reading;
  if (value === undefined) {
    return card(
      'Legacy pool',
      UNKNOWN,
      html`<a href="#drain">${problem === undefined ? 'reading' : 'traffic cannot be read'}</a>`,
      'unknown',
    );
  }
  const { safeToClose, reasons } = value;
  // What is old is no ground to close anything.
  const isSafe = safeToClose && problem === undefined;
  const why = safeToClose
    ? isSafe
      ? 'no reason against it'
      : 'cannot be read now'
    : counted(reasons.length, 'reason');
  return html`${tokensCard(value, stale(reading), now)}
${card('Can it go?', isSafe ? 'Yes' : 'Not yet', html`<a href="#drain">${why}</a>`, `${isSafe ? 'passed' : 'held'}${stale(reading)}`)}`;
}

/** Where nobody counts, or not all do, the number is not the whole. */
function tokensCard(report: DrainReport, kind: string, now: number): Html {
  if (report.instances === 0) {
    return card('Legacy tokens', UNKNOWN, html`<a href="#traffic">nobody has counted yet</a>`, 'unknown');
  }
  const note = report.since === null ? 'in 24 hours, at least' : 'in 24 hours';
  return card('Legacy tokens', formatCount(legacyTokens(report, now)), html`<a href="#traffic">${note}</a>`, kind);
}

function phaseCard(reading: Reading<PhaseView>, now: number): Html {
  const { value, problem } = reading;
  if (value === undefined) {
    return card(
      'Phase',
      UNKNOWN,
      html`<a href="#phase">${problem === undefined ? 'reading' : 'cannot be read'}</a>`,
      'unknown',
    );
  }
  return card(
    'Phase',
    value.isSet ? PHASE_TEXTS[value.phase][0] : 'no dates',
    html`<a href="#phase">${value.isSet ? (nextDate(value, now) ?? 'no later date is planned') : 'open'}</a>`,
    `words${stale(reading)}`,
  );
}

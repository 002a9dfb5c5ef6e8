import type { Phase, PhasePlan } from '../../../../operate/phases/phase-source.js';
import { type Html, html } from '../../../html/template.js';
import { formatAgo, formatTime } from '../../../terminal/format.js';

/** What is planned for the legacy pool, and what of it is in force. */
export interface PhaseView {
  /** Whether anybody ever set dates there. */
  readonly isSet: boolean;
  readonly plan: PhasePlan;
  readonly phase: Phase;
}

export const PHASE_TEXTS: Readonly<Record<Phase, readonly [name: string, meaning: string]>> = {
  open: ['open', 'Tokens of the legacy pool are accepted.'],
  announced: [
    'announced',
    'Tokens of the legacy pool are accepted. Answers to them carry Deprecation and Sunset headers.',
  ],
  'sign-ins-refused': [
    'new sign-ins refused',
    'Tokens of people who signed in at the legacy pool since then are refused. Older ones are accepted until they expire.',
  ],
  closed: ['closed', 'Tokens of the legacy pool are refused.'],
};

const DATES = [
  ['announceFrom', 'Announced from'],
  ['acceptSignInsBefore', 'New sign-ins refused from'],
  ['acceptUntil', 'Closed from'],
] as const satisfies readonly (readonly [keyof PhasePlan, string])[];

/** The phase in force, and the dates of the others. */
export function phaseBody({ isSet, plan, phase }: PhaseView, now: number): Html {
  if (!isSet) {
    return html`<p class="panel">No dates are set there: verifiers that read it accept tokens of the legacy pool.</p>`;
  }
  const [name, meaning] = PHASE_TEXTS[phase];
  return html`<div class="panel"><p class="verdict">The legacy pool is ${name}.</p><p>${meaning}</p>
<ol class="steps">${DATES.map(([key, label]) => {
    const date = plan[key] ?? undefined;
    const isPast = date !== undefined && date.getTime() <= now;
    const when =
      date === undefined
        ? 'not planned'
        : `${formatTime(date)}, ${formatAgo(Math.round((now - date.getTime()) / 1000))}`;
    return html`<li class="${isPast ? 'past' : 'to-come'}"><strong>${label}</strong><span>${when}</span></li>`;
  })}</ol>
</div>`;
}

/** The date that comes next, in a few words; `undefined` where none is planned. */
export function nextDate({ plan }: PhaseView, now: number): string | undefined {
  const coming = DATES.flatMap(([key, label]) => {
    const at = plan[key]?.getTime();
    return at === undefined || at <= now ? [] : [{ label, at }];
  }).toSorted((one, other) => one.at - other.at);
  const [next] = coming;
  return next && `${next.label.toLowerCase()} ${formatTime(new Date(next.at))}`;
}

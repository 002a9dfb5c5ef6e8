import { expect, it } from 'vitest';
import { changeLines, phaseLines } from '../../../../src/cli/commands/phase/text.js';
import { coloursFor } from '../../../../src/cli/terminal/terminal.js';
import { NOTHING_PLANNED, type PlanTimes } from '../../../../src/operate/phases/phase-plan.js';
import { Screenful } from '../../support.js';

const NOW = Date.UTC(2026, 10, 15, 12, 30, 5);
const past = { announceFrom: NOW - 5 };
const DAY = Date.UTC(2026, 11, 1);
const LATER = Date.UTC(2027, 0, 1);
const plan = (dates: Partial<PlanTimes>): PlanTimes => ({ ...NOTHING_PLANNED, ...dates });
const colours = coloursFor(new Screenful(), { NO_COLOR: '1' });

it('shows the phase, what it means, and the dates with how far away they are', () => {
  expect(phaseLines(plan({ ...past, acceptSignInsBefore: DAY }), NOW, colours)).toEqual([
    'Phase announced: tokens of the legacy pool are accepted, and answers to them carry the dates',
    '  announced from         2026-11-15 12:30:04 UTC, 0 s ago',
    '  sign-ins refused from  2026-12-01 00:00 UTC, in 15 d 11 h',
    '  closed from            not planned',
  ]);
});

const meaning = (before: Partial<PlanTimes>, after: Partial<PlanTimes>) =>
  changeLines(plan(before), plan(after), NOW).slice(4);

it('shows each date before and after', () => {
  expect(
    changeLines(plan({ acceptUntil: DAY }), plan({ announceFrom: DAY, acceptUntil: LATER }), NOW).slice(0, 3),
  ).toEqual([
    '  announced from         not planned -> 2026-12-01 00:00 UTC',
    '  sign-ins refused from  not planned (unchanged)',
    '  closed from            2026-12-01 00:00 UTC -> 2027-01-01 00:00 UTC',
  ]);
});

it.each<[string, Partial<PlanTimes>, Partial<PlanTimes>, string[]]>([
  ['nothing is planned', { acceptUntil: DAY }, {}, ['No refusal is planned: tokens of the legacy pool are accepted.']],
  [
    'the announcement is planned',
    {},
    { announceFrom: DAY, acceptUntil: LATER },
    [
      'From 2026-12-01 00:00 UTC, answers to tokens of the legacy pool carry Deprecation and Sunset headers.',
      'From 2027-01-01 00:00 UTC, every token of the legacy pool is refused.',
    ],
  ],
  [
    'sign-ins will be refused',
    {},
    { acceptSignInsBefore: DAY },
    [
      'From 2026-12-01 00:00 UTC, people who sign in at the legacy pool are refused. Those who signed in before that are accepted.',
    ],
  ],
  [
    'sign-ins are refused at once',
    past,
    { acceptSignInsBefore: NOW - 5_000 },
    [
      expect.stringContaining('From now on (since 2026-11-15 12:30 UTC)') as unknown as string,
      'Warning: this takes effect at once for people who signed in at the legacy pool since that date.',
    ],
  ],
  [
    'the pool is closed at once',
    { acceptUntil: DAY },
    { acceptUntil: NOW - 5_000 },
    [
      'From now on (since 2026-11-15 12:30 UTC), every token of the legacy pool is refused.',
      'Warning: this closes the legacy pool at once.',
    ],
  ],
  [
    'the pool is opened again',
    { acceptUntil: NOW - 5 },
    {},
    ['No refusal is planned: tokens of the legacy pool are accepted.', 'This opens the legacy pool again.'],
  ],
])('says what it means where %s', (_, before, after, lines) => {
  expect(meaning(before, after)).toEqual(lines);
});

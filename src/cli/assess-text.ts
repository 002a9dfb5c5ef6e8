import type { Assessment } from '../assess/assess.js';
import type { Finding, Severity } from '../assess/check.js';
import { formatCount, formatDollars, formatDuration, formatShare, formatTable, formatUsers } from './format.js';
import type { Colours } from './terminal.js';

const COUNTED: Readonly<Record<Severity, string>> = { blocker: 'blockers', warning: 'warnings', info: 'notes' };
const WAYS = {
  backfill: 'backfill of users in the new pool',
  'migration-trigger': 'migration at first sign-in',
  'csv-import': 'CSV import',
} as const;

/** The report for a terminal. */
export function assessmentLines(assessment: Assessment, colours: Colours): string[] {
  const { findings } = assessment;
  const paint = { blocker: colours.red, warning: colours.yellow, info: colours.cyan };
  const lines = [
    colours.bold(`Assessment of ${assessment.takenAt.slice(0, 16).replace('T', ' ')} UTC`),
    ...formatTable(
      assessment.pools.map(({ side, userPoolId, name, users }): [string, string] => [
        `${side} pool`,
        `${userPoolId}${name ? ` (${name})` : ''}: ${users === null ? 'users not readable' : formatUsers(users.total)}`,
      ]),
    ),
    ...population(assessment),
    '',
    ...findings.flatMap((finding) => [...findingLines(finding, paint[finding.severity], colours), '']),
    ...undetermined(assessment, colours),
    ...differences(assessment, colours),
    ...secondFactors(assessment, colours),
    ...recency(assessment, colours),
    ...cost(assessment, colours),
    ...recommendation(assessment, colours),
    verdict(assessment, colours),
  ];
  return lines.map(printable);
}

/** Names in these lines are the pool owner's: none of them may move the cursor or colour what follows. */
const printable = (line: string): string =>
  line.replace(CONTROL, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
// Line breaks of a fix are ours, and so are the colours.
const CONTROL = /(?!\n|\x1b\[\d{1,2}m)[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu;

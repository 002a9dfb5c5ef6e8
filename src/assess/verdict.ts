import type { Assessment } from './assess.js';
import type { Severity } from './finding.js';

/** The severities that `--fail-on` names, each with what is worse. */
const FAILING = {
  blocker: ['blocker'],
  warning: ['blocker', 'warning'],
} as const satisfies Readonly<Record<string, readonly Severity[]>>;

/** Whether a person has to look at an assessment. What could not be read because of a missing permission may be a blocker. */
export function assessmentFails(
  { findings, notDetermined }: Pick<Assessment, 'findings' | 'notDetermined'>,
  failOn: keyof typeof FAILING = 'blocker',
): boolean {
  const failing: readonly Severity[] = FAILING[failOn];
  return (
    findings.some(({ severity }) => failing.includes(severity)) ||
    notDetermined.some(({ missing }) => missing.some(({ reason }) => reason === 'denied'))
  );
}

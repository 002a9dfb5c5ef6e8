/**
 * - `blocker`: the migration would fail, lock users out or let one user become another
 * - `warning`: some users or clients would be affected; decide before you continue
 * - `info`: good to know
 */
export type Severity = 'blocker' | 'warning' | 'info';
export const SEVERITIES: readonly Severity[] = ['blocker', 'warning', 'info'];

export interface Finding {
  /** Stable, kebab-case. */
  readonly id: string;
  readonly severity: Severity;
  /** The pool to act on. */
  readonly userPoolId: string;
  /** The other pool, if the finding is a difference between two pools. */
  readonly comparedWith?: string;
  readonly title: string;
  /** What the pools show. */
  readonly seen: string;
  /** What happens if nothing is done. */
  readonly why: string;
  /** The exact call or setting, possibly several lines. */
  readonly fix: string;
  /** URL of the page that explains it. */
  readonly docs: string;
}

/** A page of the Amazon Cognito developer guide. */
export const guide = (page: string): string => `https://docs.aws.amazon.com/cognito/latest/developerguide/${page}.html`;

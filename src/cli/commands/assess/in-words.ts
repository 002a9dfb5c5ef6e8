import { FIXED_AT_CREATION } from '../../../assess/advice/settled.js';
import type { Assessment } from '../../../assess/assess.js';
import { type Finding, SEVERITIES, type Severity } from '../../../assess/finding.js';
import { counted, formatCount } from '../../../words.js';
import { formatDuration, formatShare, visible } from '../../terminal/format.js';
import type { Colours } from '../../terminal/terminal.js';
import { fold } from '../../terminal/wrapped.js';

// What the page and the text say in the same words.

/** How a text is written for its reader. */
export interface Reader {
  readonly colours: Colours;
  /** Columns of the terminal. */
  readonly width: number;
}

/** Sentences in lines. Names in them are foreign text: they must not move the cursor or hide what follows. */
export const written = (text: string, { width }: Reader, indent = ''): string[] => fold(visible(text), width, indent);

/** Calls and settings keep their line breaks; sentences wrap. */
export const isCode = (fix: string): boolean => /(^|\n)(aws |# |cognito-cutover )/.test(fix) || fix.includes('\n');

const SEVERITY_NOUNS: Readonly<Record<Severity, string>> = { blocker: 'blocker', warning: 'warning', info: 'note' };

/** `2 blockers, 1 warning`; what there is none of is left out. */
export const severities = (findings: readonly Finding[]): string =>
  SEVERITIES.map((severity) => [findings.filter((finding) => finding.severity === severity).length, severity] as const)
    .filter(([amount]) => amount > 0)
    .map(([amount, severity]) => counted(amount, SEVERITY_NOUNS[severity]))
    .join(', ');

/** The findings that a step settles, worst first. */
export const settledBy = ({ settles }: { readonly settles: readonly string[] }, findings: readonly Finding[]) =>
  findings.filter(({ id }) => settles.includes(id));

/** Findings that are read together. */
export interface FindingGroup {
  readonly heading: string;
  readonly findings: readonly Finding[];
  /** What to know before the first of them is fixed. */
  readonly note?: string;
}

const isFixed = ({ id }: Finding): boolean => FIXED_AT_CREATION.includes(id);

/** The findings in the order in which they are to be fixed. A group without findings is left out. */
export function findingGroups(findings: readonly Finding[]): FindingGroup[] {
  const fixed = findings.filter(isFixed);
  const heading = (noun: string) => (fixed.length === 0 ? noun.replace(/^./, upper) : `Other ${noun}`);
  const others = (severity: Severity) => findings.filter((one) => one.severity === severity && !isFixed(one));
  return [
    {
      heading: 'Fixed at creation',
      findings: fixed,
      note: 'Start here. If the fix is to create the new pool again, that voids every other fix.',
    },
    { heading: heading('blockers'), findings: others('blocker') },
    { heading: heading('warnings'), findings: others('warning') },
    { heading: heading('notes'), findings: others('info') },
  ].filter((group) => group.findings.length > 0);
}

const upper = (text: string): string => text.toUpperCase();

/** What the assessment comes to. A check that could not be made may hide a blocker. */
export function verdictOf({ summary, findings }: Assessment): {
  readonly kind: 'good' | 'warn' | 'blocked';
  readonly text: string;
} {
  const { blocker, warning, notDetermined } = summary;
  const unknown = notDetermined > 0 ? `${counted(notDetermined, 'check')} could not be made` : '';
  const first = findings.some(isFixed)
    ? ' Start with what is fixed at creation: a new pool voids all other fixes.'
    : '';
  if (blocker > 0) {
    return {
      kind: 'blocked',
      text: `${counted(blocker, 'blocker')} to remove before users move.${unknown && ` ${unknown}.`}${first}`,
    };
  }
  const none = unknown === '' ? 'Nothing blocks' : `No blocker was found, but ${unknown}`;
  if (warning > 0) return { kind: 'warn', text: `${none}. ${counted(warning, 'warning')} to decide on.${first}` };
  if (unknown !== '') return { kind: 'warn', text: `${none}.` };
  return { kind: 'good', text: `${none}, and there are no warnings.` };
}

/** Why the ways, the steps and the cost are missing. */
export const NO_ADVICE =
  'The ways, the steps and the cost depend on the number of users, and the users of a legacy pool could not be listed.';

export const WAY_NAMES = {
  backfill: 'Backfill of the new pool',
  'migration-trigger': 'Migration at first sign-in',
  'federation-with-legacy-pool': 'Federation with the legacy pool',
  'csv-import': 'CSV import',
} as const;

type Users = NonNullable<Assessment['pools'][number]['users']>;
type Cost = NonNullable<Assessment['cost']>;

/** Ways into the pool, with how many users have them. */
export const originsOf = (users: Users): { label: string; users: number }[] => [
  { label: 'With a password', users: users.native },
  ...Object.entries(users.byProvider)
    .map(([name, amount]) => ({ label: `Through ${name}`, users: amount }))
    .sort((a, b) => b.users - a.users),
];

/** Further facts about a pool's users, in rows of number and meaning. What does not occur is left out. */
export function populationRows(users: Users): [string, string][] {
  const rows: [number, string][] = [
    [users.linked, 'with several ways to sign in'],
    ...Object.entries(users.byStatus).map(([status, amount]): [number, string] => [amount, `of status ${status}`]),
    [users.disabled, 'disabled'],
    [users.emailVerified, 'with a verified e-mail address'],
    [users.phoneVerified, 'with a verified phone number'],
    [users.duplicateEmails.users, 'sharing an e-mail address with another user'],
    [users.duplicateEmailsIgnoringCase.users - users.duplicateEmails.users, 'more sharing one if case is ignored'],
    [users.withoutEmail, 'without an e-mail address'],
    [users.withoutSub, 'without a sub'],
  ];
  return rows.filter(([amount]) => amount > 0).map(([amount, meaning]) => [formatCount(amount), meaning]);
}

/** The missing permissions, each with the checks that need it. */
export function permissions(notDetermined: Assessment['notDetermined']) {
  const missing = new Map<string, { permission: string; userPoolId: string; reason: string; ids: string[] }>();
  for (const { id, missing: parts } of notDetermined) {
    for (const { permission, userPoolId, reason } of parts) {
      const key = `${permission} ${userPoolId}`;
      const entry = missing.get(key) ?? { permission, userPoolId, reason, ids: [] };
      if (!entry.ids.includes(id)) entry.ids.push(id);
      missing.set(key, entry);
    }
  }
  return [...missing.values()];
}

export const range = (from: number, to: number): string =>
  from === to ? formatCount(from) : `${formatCount(from)} to ${formatCount(to)}`;

/** `400 (50.0%)` */
export const shareOf = (users: number, share: number): string => `${formatCount(users)} (${formatShare(share)})`;

/** How long the writes of one way take; empty where nothing is written. */
export const timeOf = ({ hours }: Cost['ways'][number]): string => (hours > 0 ? formatDuration(hours * 3600) : '');

/** For pools with no users to write to and no users with a password. */
export const NO_COST = 'Nothing: users arrive by signing in, and the attribute is set when they do.';

/** The price with which the cost of each pool was calculated. */
export function prices({ mauPrice, priceSource, legacyPrices }: Cost): string {
  const all = [
    { name: 'the new pool', mauPrice, priceSource },
    ...legacyPrices.map((one) => ({ ...one, name: one.userPoolId })),
  ];
  const sources = new Set(all.map((one) => one.priceSource));
  const price = (one: (typeof all)[number]) =>
    `$${one.mauPrice} in ${one.name}${sources.size > 1 ? ` (${one.priceSource})` : ''}`;
  const [source] = sources;
  return `A monthly active user costs ${all.map(price).join(', ')}${sources.size > 1 ? '' : ` (${source})`}`;
}

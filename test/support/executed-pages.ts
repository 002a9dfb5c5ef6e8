/** How the commands of a page are run from the packed tarball: see test/package/documented-commands.test.ts. */
interface ExecutedPage {
  readonly page: string;
  /** What a reader of the page has done before. */
  readonly before?: readonly string[];
  /** Whether a user of the pools needs a person, about whom the page says how to decide. */
  readonly isUndecided?: boolean;
  /** The exit code of a command, where it is not 0. */
  readonly codes?: Readonly<Record<string, number>>;
}

const POOLS = '--legacy-pool eu-west-1_Old --new-pool eu-west-1_New';
const PLAN = `cognito-cutover plan ${POOLS}`;
/** Nobody counts in the Redis of a test. */
const NOT_YET = { drain: 1 };

export const EXECUTED_PAGES: readonly ExecutedPage[] = [
  { page: 'README.md' },
  { page: 'docs/runbook.md', isUndecided: true, codes: { plan: 1, sync: 1, ...NOT_YET } },
  { page: 'docs/sync-script.md' },
  { page: 'docs/access-tokens.md' },
  { page: 'docs/assess.md' },
  { page: 'docs/csv-import.md', before: [PLAN, 'cognito-cutover apply'] },
  { page: 'docs/dashboard.md', before: [PLAN] },
  { page: 'docs/drain.md', codes: NOT_YET },
  { page: 'docs/errors.md' },
  { page: 'docs/forward-auth.md' },
  { page: 'docs/groups.md' },
  { page: 'docs/operating.md', codes: NOT_YET },
  { page: 'docs/phases.md' },
  { page: 'docs/stores.md', before: [PLAN] },
  { page: 'docs/token.md' },
  { page: 'examples/forward-auth/README.md' },
];

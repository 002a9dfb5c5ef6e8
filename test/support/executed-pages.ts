import { isCutoverCall } from './doc-blocks.js';

/** How the commands of a page are run from the packed tarball: see test/package/documented-commands.test.ts. */
interface ExecutedPage {
  readonly page: string;
  /** What a reader of the page has done before. */
  readonly before?: readonly string[];
  /** Whether a user of the pools needs a person, about whom the page says how to decide. */
  readonly isUndecided?: boolean;
  /** The exit codes that are not 0, by what the command line contains. */
  readonly codes?: Readonly<Record<string, number>>;
  /** Dates of the page that have to be over, or still to come, whenever the test runs. */
  readonly dates?: Readonly<Record<string, string>>;
  /** What the page shows of the output: each of these parts of it is printed. */
  readonly shown?: RegExp;
}

const POOLS = '--legacy-pool eu-west-1_Old --new-pool eu-west-1_New';
const PLAN = `cognito-cutover plan ${POOLS}`;
/** Nobody counts in the Redis of a test, so that nobody can be gone. */
const NOT_YET = { '--gone ': 2, 'cutover drain ': 1 };

/** The runbook's last steps belong between the second of its dates and the third. */
const OPEN = { '2027-03-01': '2025-03-01', '2027-04-01': '2025-04-01', '2027-06-01': '2099-06-01' };
const AHEAD = { '2026-12-01': '2098-12-01', '2027-03-01': '2099-03-01' };

export const EXECUTED_PAGES: readonly ExecutedPage[] = [
  { page: 'README.md' },
  {
    page: 'docs/runbook.md',
    isUndecided: true,
    dates: OPEN,
    codes: { 'cutover plan ': 1, 'cutover sync ': 1, ...NOT_YET },
  },
  { page: 'docs/sync-script.md' },
  { page: 'docs/access-tokens.md' },
  { page: 'docs/assess.md' },
  {
    page: 'docs/commands.md',
    dates: AHEAD,
    before: ["printf 'new_username\\nuser0\\n' > staff.csv", "printf 'new_username,legacy_sub\\n' > decided.csv"],
    // A user name proves nothing in a pool that is open for sign-up, where users are listed again, too. The job of the import has not
    // ended. No pool is named for the token.
    codes: { 'mapping,username': 1, '--reuse-legacy-listing': 2, '--retry import ': 2, 'token <': 1, ...NOT_YET },
  },
  { page: 'docs/csv-import.md', before: [PLAN, 'cognito-cutover apply'] },
  { page: 'docs/dashboard.md', before: [PLAN] },
  { page: 'docs/drain.md', codes: NOT_YET },
  { page: 'docs/errors.md' },
  { page: 'docs/forward-auth.md', shown: /^Decisions: http:\/\/127\.0\.0\.1/gm },
  { page: 'docs/groups.md' },
  { page: 'docs/operating.md', codes: NOT_YET },
  { page: 'docs/phases.md', dates: AHEAD },
  { page: 'docs/stores.md', before: [PLAN] },
  { page: 'docs/token.md', codes: { 'token <': 1 }, shown: /(?<=^ {2}(?:ok|NO) {2})\w+(?: \w+)?/gm },
  { page: 'examples/forward-auth/README.md' },
];

/** Run by documented-commands.test.ts, in the order of the page. */
export const isPageCommand = (page: string, line: string): boolean =>
  EXECUTED_PAGES.some((executed) => executed.page === page) && (isCutoverCall(line) || line.startsWith('grep '));

/** Sent by it to the server that the page starts. */
export const isPageRequest = (page: string, line: string): boolean =>
  page === 'docs/forward-auth.md' && /^curl .*127\.0\.0\.1:9000/.test(line);

/** Run by documented-examples.test.ts. One starts with user pools of its reader. */
export const isExampleStart = (page: string, line: string): boolean =>
  page.startsWith('examples/') && /^(?:\w+=\S+ )*npm start\b/.test(line) && !line.includes('USER_POOL_ID=');

/** Run by quick-starts.test.ts. Nest's are what nest.test.ts installs. */
export const isQuickStart = (page: string, line: string): boolean =>
  /^(?:README|docs\/(?!getting-started|nest))/.test(page) && /^npm install .*\bcognito-cutover\b/.test(line);

/** Every command of the page is run by first-hour.test.ts. */
export const isFirstHour = (page: string): boolean => page === 'docs/getting-started.md';

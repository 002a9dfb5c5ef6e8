import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { ALL_BLOCKS, linesOf } from '../support/doc-blocks.js';
import { isExampleStart, isFirstHour, isPageCommand, isPageRequest, isQuickStart } from '../support/executed-pages.js';

// Every line of a block for a shell is run with the packed tarball by a test of test/package, or it is on the list here.

const isExecuted = (page: string, line: string) =>
  [isExampleStart, isFirstHour, isPageCommand, isPageRequest, isQuickStart].some((isOne) => isOne(page, line));

interface Reason {
  /** Why the lines are not run with the tarball, and where they are tried in another way. */
  readonly why: string;
  readonly pages: RegExp;
  readonly lines: RegExp;
}

const NOT_EXECUTED: readonly Reason[] = [
  {
    why: 'for a clone of the repository, where there is no tarball: test/docs.test.ts looks each script up',
    pages: /^(?:README|CONTRIBUTING|docs\/(?:performance|testing-of-this-project)|examples\/[\w-]+\/README)\.md$/,
    lines: /^npm (?:ci|run [\w:-]+|test)(?: -- .*)?(?: && npm (?:run [\w:-]+|test))?(?: -- .*)?$/,
  },
  {
    why: 'enters a folder, which is looked up here',
    pages: /^examples\//,
    lines: /^cd /,
  },
  {
    why: 'needs an AWS account: test/docs/aws-calls.test.ts reads the calls',
    pages: /^docs\/(?:runbook|stores)\.md$|^examples\/triggers\//,
    lines: /^(?:aws|mv|\(cd dist && zip) /,
  },
  {
    why: 'needs an AWS account: test/docs-identity-pools.test.ts runs the page against commands that stand in for it',
    pages: /^docs\/identity-pools\.md$/,
    lines: /^/,
  },
  {
    why: 'needs an AWS account: test/assess/fix/update-function.test.ts',
    pages: /^docs\/assess\.md$/,
    lines: /^update_cognito /,
  },
  {
    why: 'needs an AWS account: test/examples/set-triggers.test.ts runs the script',
    pages: /^examples\/(?:cdk|terraform|triggers)\//,
    lines: /^sh (?:\.\.\/triggers\/)?set-triggers\.sh |^\{LambdaArn: /,
  },
  {
    why: 'needs an AWS account: test/examples/triggers-template.test.ts reads the templates',
    pages: /^examples\/(?:lambda-authorizer|triggers)\//,
    lines: /^sam /,
  },
  {
    why: 'needs an AWS account; examples/cdk and examples/terraform have tests of their own',
    pages: /^examples\/(?:cdk|terraform)\//,
    lines: /^(?:npx aws-cdk|terraform) /,
  },
  {
    why: 'needs the published package; `npm start` of the example makes the same bundles',
    pages: /^examples\/(?:lambda-authorizer|terraform|triggers)\//,
    lines: /^npm install .*&& npm run build/,
  },
  {
    why: 'asks AWS for the keys of a pool',
    pages: /^docs\/errors\.md$/,
    lines: /^curl .* https:\/\/cognito-idp\./,
  },
  {
    why: 'needs another machine, or a terminal',
    pages: /^docs\/(?:dashboard|runbook)\.md$/,
    lines: /^(?:ssh|tmux) /,
  },
  {
    why: 'installs packages of others; test/samples.test.ts runs what the page does with them',
    pages: /^docs\/metrics\.md$/,
    lines: /^npm install @opentelemetry/,
  },
  {
    why: 'adds to an application of Nest; test/package/nest.test.ts installs the tarball beside two versions of it',
    pages: /^docs\/nest\.md$/,
    lines: /^npm install /,
  },
  {
    why: 'names pools of the reader; test/examples/express-app-operations.test.ts starts the example with pools',
    pages: /^examples\/express-app\//,
    lines: /USER_POOL_ID=/,
  },
  {
    why: 'needs a proxy in front: test/examples/forward-auth.test.ts',
    pages: /^examples\/forward-auth\//,
    lines: /^(?:node -e|nginx|caddy|curl) /,
  },
  {
    why: 'needs Prometheus: test/examples/observability.test.ts, test/examples/observability.long.test.ts',
    pages: /^examples\/observability\//,
    lines: /^(?:prometheus|promtool|sed|s\/)/,
  },
  {
    why: 'needs root and systemd: test/examples/systemd.test.ts runs the command of the unit',
    pages: /^examples\/systemd\//,
    lines: /^(?:useradd|npm install --prefix|install|systemctl|journalctl|sudo|curl) /,
  },
];

const lines = ALL_BLOCKS.filter(({ language }) => language === 'sh').flatMap(({ page, code }) =>
  linesOf(code).map((line) => ({ page, line })),
);
const others = lines.filter(({ page, line }) => !isExecuted(page, line));
const isOf = ({ pages, lines: those }: Reason, { page, line }: (typeof lines)[number]) =>
  pages.test(page) && those.test(line);

it('every command of the docs is run with the packed tarball, or there is one reason why not', () => {
  expect(lines.length - others.length).toBeGreaterThan(160);
  const reasons = (one: (typeof lines)[number]) => NOT_EXECUTED.filter((reason) => isOf(reason, one));
  expect(others.filter((one) => reasons(one).length !== 1)).toEqual([]);
});

it('no reason is given in vain', () => {
  expect(NOT_EXECUTED.filter((reason) => !others.some((one) => isOf(reason, one)))).toEqual([]);
});

it('commands enter folders that there are', () => {
  const entered = lines.flatMap(({ line }) => /^cd (\S+)$/.exec(line)?.[1] ?? []);
  expect(entered.length).toBeGreaterThan(4);
  expect(entered.filter((folder) => !existsSync(new URL(`../../${folder}/README.md`, import.meta.url)))).toEqual([]);
});

it('the tests that the reasons name exist', () => {
  const named = NOT_EXECUTED.flatMap(({ why }) => why.match(/test\/[\w/.-]+\.ts/g) ?? []);
  expect(named.filter((file) => !existsSync(new URL(`../../${file}`, import.meta.url)))).toEqual([]);
});

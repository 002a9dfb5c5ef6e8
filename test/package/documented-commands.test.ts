import { readFileSync, rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { blocksOf, linesOf } from '../support/doc-blocks.js';
import { EXECUTED_PAGES, isPageCommand, isPageRequest } from '../support/executed-pages.js';
import { HAS } from '../support/tools.js';
import { startWorld, type World } from './documented-world.js';
import { emptyFolder, install } from './packed.js';

// The commands of the docs as they stand there, page by page and in the order of the page, from the packed tarball. Instead of AWS there
// are simulated pools, a DynamoDB and a Redis on this machine.

let installed: string;
beforeAll(() => {
  installed = emptyFolder();
  install(installed, 'redis@6', '@aws-sdk/client-dynamodb@3', '@aws-sdk/client-cloudwatch@3');
});
afterAll(() => rmSync(installed, { recursive: true, force: true }));

/** The config files that pages speak of. */
const FILES = {
  'cutover.json': blocksOf('docs/runbook.md').find(({ language }) => language === 'json')?.code ?? '',
  'forward-auth.json': readFileSync(new URL('../../examples/forward-auth/forward-auth.json', import.meta.url), 'utf8'),
};

/** These ask a person, who agrees. */
const ASKING = /cognito-cutover (?:apply|sync|rollback|import-csv|phase set|drain .*--gone)\b(?!.* --yes)/;

/** These run until they are stopped, and have begun when they print this. */
const ENDLESS: readonly (readonly [RegExp, RegExp])[] = [
  [/cognito-cutover dashboard/, /Dashboard: http|"address":/],
  [/cognito-cutover forward-auth/, /Decisions: http/],
  [/cognito-cutover status .*--watch/, /\n/],
];

const asHere = (line: string) =>
  (ASKING.test(line) ? line.replace(/(?= 2?>)|$/, ' --yes') : line).replace(
    /--port \d+|(cognito-cutover forward-auth)(?!.* --port)/,
    '$1 --port 0',
  );

/** Runs a line, and reports what does not happen as the page says. */
async function walk(world: World, line: string, expected: number, requests: readonly string[]) {
  const [, started] = ENDLESS.find(([command]) => command.test(line)) ?? [];
  const wrong: string[] = [];
  const { code, stdout, stderr } = await world.run(asHere(line), started, async (printed) => {
    const [address = ''] = /http:\/\/127\.0\.0\.1:\d+/.exec(printed) ?? [];
    for (const request of requests) {
      const answer = await world.run(request.replace('http://127.0.0.1:9000', address));
      const isIdentity = /^HTTP\/1\.1 2\d\d [\s\S]*^x-auth-user-id: /im.test(answer.stdout);
      if (!isIdentity) wrong.push(`${request}\n${answer.stdout}${answer.stderr}`);
    }
  });
  // What goes to a file is not printed.
  const isPrinted = stdout !== '' || / > \S+$| 2>> \S+$/.test(line);
  if (code !== expected || !(isPrinted || code === 2))
    wrong.push(`${line}\nended with ${code}, not ${expected}:\n${stdout}${stderr}`);
  return { stdout, wrong };
}

const codeOf = (line: string, codes: Readonly<Record<string, number>> = {}) =>
  Object.entries(codes).find(([part]) => line.includes(part))?.[1] ?? 0;

describe.skipIf(!HAS.redis)('the commands of', () => {
  it.concurrent.each(EXECUTED_PAGES)('$page', { timeout: 900_000 }, async (executed) => {
    const { page, before = [], isUndecided = false, codes, dates = {}, shown } = executed;
    const ofLanguage = (...languages: string[]) =>
      blocksOf(page)
        .filter(({ language }) => languages.includes(language))
        .map(({ code }) => code);
    const lines = ofLanguage('sh').flatMap(linesOf);
    const requests = lines.filter((line) => isPageRequest(page, line));
    const commands = lines.filter((line) => isPageCommand(page, line));
    const legacyPool = /eu-west-1_Legacy\b/.exec(lines.join('\n'))?.[0] ?? 'eu-west-1_Old';
    await using world = await startWorld({ installed, legacyPool, isUndecided, files: FILES });
    const wrong = commands.length === 0 ? ['There are none.'] : [];
    let printed = '';
    const dated = (line: string) => line.replaceAll(/\d{4}-\d\d-\d\d/g, (date) => dates[date] ?? date);
    for (const line of [...before, ...commands].map(dated)) {
      const walked = await walk(world, line, codeOf(line, codes), requests);
      printed += walked.stdout;
      wrong.push(...walked.wrong);
    }
    if (shown !== undefined) {
      const inPage = ofLanguage('', 'text').join('\n').match(shown) ?? ['nothing'];
      wrong.push(
        ...inPage.filter((part) => !printed.match(shown)?.includes(part)).map((part) => `not printed: ${part}`),
      );
    }
    if (wrong.length > 0) throw new Error(wrong.join('\n\n'));
  });
});

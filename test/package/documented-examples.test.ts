import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, inject, it, onTestFinished } from 'vitest';
import { blocksOf, linesOf, PAGES } from '../support/doc-blocks.js';
import { isExampleStart } from '../support/executed-pages.js';

// The commands that start an example, as they stand in its page. The example is a copy beside the unpacked tarball.

const starts = PAGES.flatMap((page) =>
  blocksOf(page)
    .filter(({ language }) => language === 'sh')
    .flatMap(({ code }) => {
      const folder = /^cd (\S+)$/m.exec(code)?.[1] ?? page.replace('/README.md', '');
      return linesOf(code)
        .filter((line) => isExampleStart(page, line))
        .map((line) => ({ folder, line }));
    }),
);

/** What an example answers to the requests that it prints itself, or what it prints before it ends. */
const EXPECTED: Readonly<Record<string, readonly number[] | RegExp>> = {
  'examples/express-app': [200, 200, 200, 403],
  'examples/hosts': [401, 200, 200],
  'examples/lambda-authorizer': /HTTP API {2}isAuthorized: true, .*ERR_LEGACY_ID_MISSING.*ERR_TOKEN_EXPIRED/s,
  'examples/triggers': /"custom:legacy_sub".*"answerCorrect":true/s,
};

/** Runs a command of an example until it ends, or has printed as many requests as are expected; and sends these. */
async function run(line: string, cwd: string, requests: number) {
  const command = line.replace(/METRICS_PORT=\d+/, 'METRICS_PORT=0');
  const env = { PATH: process.env['PATH'], HOME: cwd, PORT: '0' };
  // A group of its own, because npm does not pass every signal on.
  const child = spawn('bash', ['-c', command], { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => {
    if (child.exitCode === null) process.kill(-(child.pid ?? 0), 'SIGKILL');
  });
  const printed = { stdout: '', stderr: '' };
  const closed = once(child, 'close');
  const enough = new Promise<void>((resolve) => {
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => {
        printed[name] += text;
        const count = printed.stdout.match(/^curl .*\n/gm)?.length ?? 0;
        if (requests > 0 && count >= requests) resolve();
      });
    }
  });
  const [code] = (await Promise.race([enough, closed])) ?? [];
  const statuses = await Promise.all(
    (printed.stdout.match(/^curl .*$/gm) ?? []).map(async (request) => {
      const [, address = ''] = /(http\S+)/.exec(request) ?? [];
      const [, token] = /Authorization: (Bearer [^']+)/.exec(request) ?? [];
      return (await fetch(address, { headers: token === undefined ? {} : { Authorization: token } })).status;
    }),
  );
  return { ...printed, statuses, code };
}

it('every example with a start is started', () => {
  expect([...new Set(starts.map(({ folder }) => folder))].sort()).toEqual(Object.keys(EXPECTED));
});

it.each(starts)('$folder: $line', async ({ folder, line }) => {
  const expected = EXPECTED[folder] ?? [];
  const cwd = join(inject('packedFolder') ?? '', folder);
  const requests = expected instanceof RegExp ? 0 : expected.length;
  const { stdout, stderr, code, statuses } = await run(line, cwd, requests);
  if (expected instanceof RegExp) expect([stdout, code]).toEqual([expect.stringMatching(expected), 0]);
  else expect(statuses, stderr).toEqual(expected);
});

import { execFile, execFileSync, execSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { blocksOf, linesOf, PAGES, textOf } from '../support/doc-blocks.js';
import { isQuickStart } from '../support/executed-pages.js';
import { compiled } from '../support/samples.js';
import { servedPools } from './documented-world.js';
import { asPublished, emptyFolder, freePort, NPM } from './packed.js';

// Where a page says how to install the package, its next TypeScript is run with what that installs, and asked over HTTP. Nothing in it
// is replaced: only the key sets come from this machine in the place of Cognito. The commands of the pages are run as one, with the
// packages of all of them, because npm takes seconds each time.

interface QuickStart {
  readonly page: string;
  /** The subpath, which names the quick start in its page. */
  readonly entry: string;
  /** What the application has already. */
  readonly beside?: string;
  /** What the page leaves to the reader. */
  readonly end: string;
}

const FOR_SERVER = 'npm install --omit=optional cognito-cutover';
const LISTEN = 'app.listen(Number(process.env.PORT));';
const QUICK_STARTS: readonly QuickStart[] = [
  { page: 'README.md', entry: 'express', beside: 'express@5', end: LISTEN },
  { page: 'docs/express.md', entry: 'express', end: LISTEN },
  { page: 'docs/hosts.md', entry: 'fastify', end: 'app.listen({ port: Number(process.env.PORT) });' },
  {
    page: 'docs/hosts.md',
    entry: 'hono',
    beside: '@hono/node-server@2',
    end: "import('@hono/node-server').then(({ serve }) => serve({ ...app, port: Number(process.env.PORT) }));",
  },
  { page: 'docs/hosts.md', entry: 'koa', end: LISTEN },
];
/** The command that installs, and the TypeScript that follows it in the page. */
const starts = PAGES.flatMap((page) =>
  blocksOf(page).flatMap(({ language, code }, at, blocks) => {
    const [command = '', ...others] = language === 'sh' ? linesOf(code) : [];
    const next = blocks[at + 1];
    const isStart = isQuickStart(page, command) && others.length === 0 && next?.language === 'ts';
    return isStart ? [{ page, command, code: next.code }] : [];
  }),
);
const startOf = ({ page, entry }: QuickStart) =>
  starts.find((one) => one.page === page && one.code.includes(`'cognito-cutover/${entry}'`));

const userId = randomUUID();
let folder: string;
let pools: Awaited<ReturnType<typeof servedPools>>;
let strangers: Awaited<ReturnType<typeof servedPools>>;
beforeAll(async () => {
  folder = emptyFolder();
  [pools, strangers] = await Promise.all([servedPools('eu-west-1_Legacy'), servedPools('eu-west-1_Legacy')]);
});
afterAll(() => {
  pools.close();
  strangers.close();
  rmSync(folder, { recursive: true, force: true });
});

const environment = (more: object) => ({ PATH: process.env['PATH'], ...pools.env, ...more });
const install = (command: string, cwd: string, beside = '') =>
  execSync(`${asPublished(command)} ${beside}`, { cwd, env: { ...process.env, ...NPM }, stdio: 'pipe' });

const readme = [...textOf('README.md').matchAll(/^(npm install .*cognito-cutover) +# .*?(\d+) packages, (\d+) MB$/gm)];

describe('the commands that install the package', () => {
  const all = PAGES.flatMap((page) =>
    blocksOf(page)
      .filter(({ language }) => language === 'sh')
      .flatMap(({ code }) => linesOf(code).filter((line) => isQuickStart(page, line))),
  );

  it('are run here, with the code that follows them', () => {
    expect(QUICK_STARTS.map(startOf)).toEqual(starts);
    expect(starts.filter(({ command }) => !command.startsWith(FOR_SERVER))).toEqual([]);
    const run = [...readme.map(([, command]) => command), ...starts.map(({ command }) => command)];
    expect(all.filter((command) => !run.includes(command))).toEqual([]);
  });
});

describe('an install, by the README', () => {
  it('is described for an API server and for the command', () => expect(readme).toHaveLength(2));

  it.each(readme.map(([, command = '', ...numbers]) => ({ command, said: numbers.map(Number) })))(
    '$command brings what it says',
    ({ command, said: [packages = 0, megabytes = 0] }) => {
      const isForServer = command.includes('--omit=optional');
      const cwd = isForServer ? folder : emptyFolder();
      install(command, cwd);
      const lock = readFileSync(join(cwd, 'node_modules/.package-lock.json'), 'utf8');
      const installed = Object.keys((JSON.parse(lock) as { packages: object }).packages).length;
      const size = Number.parseInt(execFileSync('du', ['-sm', 'node_modules'], { cwd, encoding: 'utf8' }), 10);
      console.log(`${command}: ${installed} packages, ${size} MB`);
      if (!isForServer) rmSync(cwd, { recursive: true, force: true });
      // The AWS SDK grows without us; what an API server gets does not.
      const within = isForServer ? 0 : 0.2;
      expect(Math.abs(installed - packages)).toBeLessThanOrEqual(packages * within);
      expect(Math.abs(size - megabytes)).toBeLessThanOrEqual(Math.max(1, megabytes * 0.2));
    },
  );
});

async function expectAnswers(address: string) {
  const ask = async (token?: string) => {
    const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` };
    const response = await fetch(address, { headers });
    return [response.status, response.ok ? await response.json() : response.headers.get('WWW-Authenticate')];
  };
  const scope = 'orders/read';
  const orders = { ordersOf: userId };
  const isInvalid = [401, expect.stringContaining('error="invalid_token"')];
  const isForbidden = [403, expect.stringContaining('error="insufficient_scope"')];
  expect(await vi.waitFor(() => ask(), 60_000)).toEqual([401, 'Bearer realm="api"']);
  expect(await ask(pools.legacyPool.accessToken({ sub: userId, scope }))).toEqual([200, orders]);
  expect(await ask(pools.newPool.accessToken({ legacy_sub: userId, scope }))).toEqual([200, orders]);
  expect(await ask(pools.newPool.accessToken({ legacy_sub: userId, scope: 'other' }))).toEqual(isForbidden);
  expect(await ask(pools.newPool.accessToken({ legacy_sub: userId, scope, client_id: 'other' }))).toEqual(isInvalid);
  expect(await ask(strangers.newPool.accessToken({ legacy_sub: userId, scope }))).toEqual(isInvalid);
  expect(await ask('nonsense')).toEqual(isInvalid);
}

describe('the quick start', () => {
  beforeAll(() => {
    const packages = starts.map(({ command }) => command.replace(FOR_SERVER, ''));
    install(FOR_SERVER, folder, [...packages, ...QUICK_STARTS.map(({ beside }) => beside)].join(' '));
  });

  it.each(
    QUICK_STARTS.flatMap((one) => [
      { ...one, format: 'esm' as const },
      { ...one, format: 'cjs' as const },
    ]),
  )('of $page for $entry answers tokens of both pools and refuses others, as $format', async (quickStart) => {
    const { code = '' } = startOf(quickStart) ?? {};
    const file = `${randomUUID()}.${quickStart.format === 'esm' ? 'mjs' : 'cjs'}`;
    writeFileSync(join(folder, file), await compiled(`${code}\n${quickStart.end}\n`, quickStart.format));
    const port = await freePort();
    const server = spawn(process.execPath, [file], { cwd: folder, env: environment({ PORT: String(port) }) });
    let complaints = '';
    server.stdout.resume();
    server.stderr.on('data', (chunk) => {
      complaints += chunk;
    });
    try {
      await expectAnswers(`http://localhost:${port}/orders`);
    } catch (error) {
      throw new Error(complaints, { cause: error });
    } finally {
      server.kill();
    }
  });
});

describe('the README without a framework', () => {
  const [, direct, inTests] = blocksOf('README.md').filter(({ language }) => language === 'ts');
  async function printed(code: string | undefined, env: object = {}) {
    const file = join(folder, `${randomUUID()}.mjs`);
    writeFileSync(file, await compiled(`${code}`));
    return promisify(execFile)(process.execPath, [file], { cwd: folder, env: environment(env), encoding: 'utf8' });
  }

  it('tells whose a token of either pool is, and refuses others', async () => {
    // Whenever this runs, the legacy pool is still accepted.
    const of = (TOKEN: string) => printed(direct?.code.replace('2027-03-01', '2099-03-01'), { TOKEN });
    const mapped = { 'custom:legacy_sub': userId };
    expect((await of(pools.legacyPool.idToken({ sub: userId }))).stdout).toBe(`${userId} legacy []\n`);
    expect((await of(pools.newPool.idToken(mapped))).stdout).toBe(`${userId} new []\n`);
    await expect(of(strangers.newPool.idToken(mapped))).rejects.toThrow('ERR_KEY_NOT_FOUND');
  });

  it('shows in tests that one person has one id', async () => {
    expect((await printed(inTests?.code)).stdout).toBe('true\n');
  });
});

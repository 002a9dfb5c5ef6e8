import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, inject, it, onTestFinished } from 'vitest';

// A new user's first hour, by the documentation alone: the commands and files of docs/getting-started.md are run as they stand
// there, each application in an empty folder, with the packed tarball in the place of the published package.

const root = fileURLToPath(new URL('../..', import.meta.url));
const page = readFileSync(join(root, 'docs/getting-started.md'), 'utf8');
const THREE_MINUTES_MS = 180_000;

interface Application {
  readonly name: string;
  /** Commands, and files with their content, in the order of the page. The last command starts the server. */
  readonly steps: readonly (readonly [command: string] | readonly [file: string, content: string])[];
}

const applications: Application[] = page
  .split(/^## /m)
  .slice(1)
  .map((section) => {
    const [name = ''] = section.split('\n');
    const blocks = section.matchAll(/(?:^`([\w.]+)`:\n\n)?^```(\w+)\n([\s\S]*?)^```/gm);
    const steps = [...blocks].flatMap(([, file, language, content = '']): Application['steps'][number][] => {
      if (language !== 'sh') return [[file ?? '', content] as const];
      return content
        .trim()
        .split('\n')
        .map((command) => [command] as const);
    });
    return { name, steps };
  })
  .filter(({ steps }) => steps.length > 0);

/** As a user has it, but for the cache of npm and its messages. */
const NPM = { npm_config_prefer_offline: 'true', npm_config_audit: 'false', npm_config_fund: 'false' };

function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'first-hour-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Runs a command of the page. `cognito-cutover` is the tarball. */
function run(command: string, cwd: string): void {
  const published = command.startsWith('npm install')
    ? command.replace(/ cognito-cutover\b/, ` ${inject('tarball')}`)
    : command;
  const { status, stdout, stderr } = spawnSync(published, {
    shell: true,
    cwd,
    encoding: 'utf8',
    env: { ...process.env, ...NPM },
  });
  if (status !== 0) throw new Error(`${command} ended with ${status}:\n${stdout}${stderr}`);
}

/** Starts the application, and returns the `count` requests that it prints. */
async function requestsOf(command: string, cwd: string, count: number): Promise<string[]> {
  const [program = '', ...args] = command.split(' ');
  const env = { ...process.env, PORT: String(await freePort()) };
  const server: ChildProcess = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void server.kill());
  return new Promise((resolve, reject) => {
    let printed = '';
    server.once('exit', (code) => reject(new Error(`${command} ended with ${code}: ${printed}`)));
    server.stdout?.on('data', (chunk) => {
      printed += chunk;
      const requests = printed.split('\n').filter((line) => line.startsWith('curl '));
      if (requests.length === count && printed.endsWith('\n')) resolve(requests);
    });
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

/** Sends a request as `curl -i` would. */
async function send(request: string, authorization?: string) {
  const [, printed, address = ''] = /^curl -i (?:-H 'Authorization: ([^']+)' )?(http\S+)$/.exec(request) ?? [];
  const value = authorization ?? printed;
  const response = await fetch(address, { headers: value === undefined ? {} : { Authorization: value } });
  const body = (await response.json()) as { userId?: string; code?: string; errorCode?: string };
  return {
    status: response.status,
    challenge: response.headers.get('WWW-Authenticate'),
    userId: body.userId,
    // Nest's exceptions name it so.
    code: body.code ?? body.errorCode,
  };
}

describe('an install, by the README', () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const installs = [...readme.matchAll(/^(npm install .*cognito-cutover) +# .*?(\d+) packages, (\d+) MB$/gm)];

  it('is described for an API server and for the command', () => expect(installs).toHaveLength(2));

  it.each(installs.map(([, command = '', ...numbers]) => ({ command, said: numbers.map(Number) })))(
    '$command brings what it says',
    ({ command, said: [packages = 0, megabytes = 0] }) => {
      const folder = emptyFolder();
      writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
      run(command, folder);
      const lock = readFileSync(join(folder, 'node_modules/.package-lock.json'), 'utf8');
      const installed = Object.keys((JSON.parse(lock) as { packages: object }).packages).length;
      const size = Number.parseInt(execFileSync('du', ['-sm', 'node_modules'], { cwd: folder, encoding: 'utf8' }), 10);
      console.log(`${command}: ${installed} packages, ${size} MB`);
      // The AWS SDK grows without us; what an API server gets does not.
      const within = command.includes('--omit=optional') ? 0 : 0.2;
      expect(Math.abs(installed - packages)).toBeLessThanOrEqual(packages * within);
      expect(Math.abs(size - megabytes)).toBeLessThanOrEqual(Math.max(1, megabytes * 0.2));
    },
  );
});

describe('from an empty folder, by docs/getting-started.md', () => {
  it('there are all kinds of applications', () => {
    expect(applications.map(({ name }) => name)).toEqual([
      'Express 5, TypeScript',
      'Express 4, CommonJS',
      'NestJS 12',
      'Without a framework',
    ]);
  });

  it.each(applications)(
    '$name answers 200 and 401 within three minutes',
    { timeout: THREE_MINUTES_MS },
    async ({ name, steps }) => {
      const started = performance.now();
      const folder = emptyFolder();
      const [start = ''] = steps.at(-1) ?? [];
      for (const [step, content] of steps.slice(0, -1)) {
        if (content === undefined) run(step, folder);
        else writeFileSync(join(folder, step), content);
      }
      const [anonymous = '', ofLegacyPool = '', ofNewPool = ''] = await requestsOf(start, folder, 3);

      const missing = await send(anonymous);
      expect(missing).toMatchObject({
        status: 401,
        challenge: 'Bearer realm="api"',
        code: 'ERR_TOKEN_MISSING',
      });
      const legacy = await send(ofLegacyPool);
      expect(legacy).toMatchObject({
        status: 200,
        challenge: null,
        userId: expect.stringMatching(/^[\da-f-]{36}$/),
      });
      expect(await send(ofNewPool)).toEqual(legacy);
      const forged = await send(anonymous, 'Bearer nonsense');
      expect(forged).toMatchObject({ status: 401, code: 'ERR_TOKEN_MALFORMED' });
      expect(forged.challenge).toMatch(/^Bearer realm="api", error="invalid_token"/);

      console.log(`${name}: 200 and 401 after ${((performance.now() - started) / 1000).toFixed(1)} s`);
    },
  );
});

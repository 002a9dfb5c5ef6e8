import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { asPublished, freePort, NPM } from './packed.js';

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

function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'first-hour-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Runs a command of the page. `cognito-cutover` is the tarball. */
function run(command: string, cwd: string): void {
  const { status, stdout, stderr } = spawnSync(asPublished(command), {
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

// What a decision of `cognito-cutover forward-auth` costs beside a constant answer, alone and behind nginx.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createTestPools } from '../src/testing/index.js';
import { startNginx } from '../test/examples/forward-auth-proxies.js';
import { HAS } from '../test/support/tools.js';
import { median } from './measure.js';

const USERS = 1_000;
const CONNECTIONS = 20;
const ROUNDS = 9;
const SECONDS = 1.5;
const TICKS_PER_SECOND = 100;

const BIN = fileURLToPath(new URL('../dist/esm/src/cli/bin.js', import.meta.url));
/** Answers everything with the same headers, as fast as Node does. */
const CONSTANT = `
  const headers = { 'Cache-Control': 'no-store', 'X-Auth-User-Id': 'b4c1f1c5-9f9c-4c53-9f0a-3a7c9b6f1a11', 'X-Auth-Pool': 'new',
    'X-Auth-Sub': 'c1e2f0a5-1f9c-4c53-9f0a-3a7c9b6f1a22', 'X-Auth-Client-Id': '6kqh0j3nm4bs8ifv0gqm1n7pcb',
    'X-Auth-Scopes': 'aws.cognito.signin.user.admin', 'X-Auth-Groups': '', 'X-Auth-Kind': 'user', 'Content-Length': 0 };
  const server = require('node:http').createServer((req, res) => res.writeHead(200, headers).end());
  server.listen(0, '127.0.0.1', () => console.log('http://127.0.0.1:' + server.address().port));`;

interface Served {
  readonly port: number;
  readonly child: ChildProcess;
}

async function serve(args: readonly string[]): Promise<Served> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  for (;;) {
    const [, port] = /http:\/\/127\.0\.0\.1:(\d+)/.exec(text) ?? [];
    if (port !== undefined) return { port: Number(port), child };
    await once(child.stdout, 'data');
  }
}

/** The CPU time of a process, in seconds. */
function cpuOf({ pid }: ChildProcess): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Requests in turn on one connection, each sent once the one before is answered. Answers have no body. */
class Line {
  readonly #port: number;
  readonly #requests: readonly Buffer[];
  #socket: Socket;
  #next: number;
  /** Of each answer, in milliseconds. */
  readonly took: number[] = [];
  #sentAt = 0;
  isOver = false;

  constructor(port: number, requests: readonly Buffer[], first: number) {
    this.#port = port;
    this.#requests = requests;
    this.#next = first;
    this.#socket = this.#connect();
  }

  #connect(): Socket {
    const socket = connect({ port: this.#port, host: '127.0.0.1', noDelay: true });
    let rest = '';
    socket.setEncoding('latin1').on('data', (part: string) => {
      rest += part;
      if (!rest.endsWith('\r\n\r\n')) return;
      if (!rest.startsWith('HTTP/1.1 20')) throw new Error(rest);
      rest = '';
      this.took.push(performance.now() - this.#sentAt);
      if (this.isOver) socket.destroy();
      else this.#send(socket);
    });
    // nginx closes a connection after a thousand requests.
    socket
      .on('error', () => {})
      .on('close', () => {
        if (!this.isOver) this.#socket = this.#connect();
      });
    this.#send(socket);
    return socket;
  }

  #send(socket: Socket): void {
    this.#sentAt = performance.now();
    socket.write(this.#requests[this.#next++ % this.#requests.length] as Buffer);
  }

  end(): void {
    this.isOver = true;
    this.#socket.destroy();
  }
}

/** Requests per second over so many connections. */
async function rate(port: number, requests: readonly Buffer[], connections: number, seconds: number): Promise<number> {
  return (await load(port, requests, connections, seconds)).perSecond;
}

async function load(port: number, requests: readonly Buffer[], connections: number, seconds: number) {
  const lines = Array.from({ length: connections }, (_, index) => new Line(port, requests, index * 37));
  const started = performance.now();
  await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
  const count = lines.reduce((sum, { took }) => sum + took.length, 0);
  const elapsed = (performance.now() - started) / 1_000;
  for (const line of lines) line.end();
  return { perSecond: count / elapsed, medianUs: 1_000 * median(lines.flatMap(({ took }) => took)) };
}

const folder = mkdtempSync(join(tmpdir(), 'forward-auth-bench-'));
const pools = await createTestPools();
const config = join(folder, 'forward-auth.json');
const [legacyPool, newPool] = [pools.legacyPool.options, pools.newPool.options];
writeFileSync(config, JSON.stringify({ legacyPool, newPool, tokenUse: 'access' }));
const requests = Array.from({ length: USERS }, (_, index) => {
  const person = pools.person();
  const token = (index % 2 === 0 ? person.legacy : person.new).accessToken();
  return Buffer.from(`GET /auth HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${token}\r\n\r\n`, 'latin1');
});

const constant = await serve(['-e', CONSTANT]);
const ours = await serve([BIN, 'forward-auth', '--config', config, '--port', '0', '--grace', '0']);
const app = await serve(['-e', CONSTANT.replace('writeHead(200, headers)', 'writeHead(204)')]);
const contenders = [constant, ours];
try {
  for (const { port } of contenders) await rate(port, requests, CONNECTIONS, 3);
  const direct = contenders.map(() => ({ perSecond: [] as number[], perCpuSecond: [] as number[] }));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [index, { port, child }] of contenders.entries()) {
      const before = cpuOf(child);
      const perSecond = await rate(port, requests, CONNECTIONS, SECONDS);
      direct[index]?.perSecond.push(perSecond);
      direct[index]?.perCpuSecond.push((perSecond * SECONDS) / (cpuOf(child) - before));
    }
  }
  const ratio = (key: 'perSecond' | 'perCpuSecond') =>
    median((direct[1]?.[key] ?? []).map((own, round) => own / (direct[0]?.[key][round] ?? Number.NaN)));
  console.log(
    `\nHot decisions, ${CONNECTIONS} connections, tokens of ${USERS} users of two pools, median of ${ROUNDS} rounds`,
  );
  for (const [index, name] of ['a constant answer', 'forward-auth'].entries()) {
    const { perSecond = [], perCpuSecond = [] } = direct[index] ?? {};
    const [wall, cpu] = [median(perSecond), median(perCpuSecond)].map(Math.round);
    console.log(
      `  ${name.padEnd(18)} ${`${wall}`.padStart(7)} per second  ${`${cpu}`.padStart(7)} per second and core`,
    );
  }
  console.log(
    `  forward-auth / constant: ${ratio('perSecond').toFixed(2)}, by CPU time ${ratio('perCpuSecond').toFixed(2)}`,
  );

  if (HAS.nginx) {
    const proxies = [];
    for (const { port } of contenders) {
      const own = mkdtempSync(join(folder, 'nginx-'));
      proxies.push(await startNginx(own, { auth: port, app: app.port }));
    }
    for (const { port } of proxies) await rate(port, requests, CONNECTIONS, 2);
    const alone = proxies.map(() => [] as number[]);
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const [index, { port }] of proxies.entries())
        alone[index]?.push((await load(port, requests, 1, SECONDS)).medianUs);
    }
    const [base = [], own = []] = alone;
    console.log('\nBehind nginx with auth_request, one request after the other, median');
    console.log(`  a constant answer  ${median(base).toFixed(0).padStart(6)} us per request`);
    console.log(`  forward-auth       ${median(own).toFixed(0).padStart(6)} us per request`);
    console.log(
      `  added              ${median(own.map((us, round) => us - (base[round] ?? Number.NaN)))
        .toFixed(0)
        .padStart(6)} us`,
    );
    for (const proxy of proxies) await proxy.stop();
  }
} finally {
  for (const { child } of [constant, ours, app]) child.kill('SIGKILL');
  await pools.close();
  rmSync(folder, { recursive: true, force: true });
}

import dns from 'node:dns';
import { copyFileSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { syncBuiltinESMExports } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import fc from 'fast-check';
import { formatSnapshot } from '../../../../src/assess/snapshot/snapshot-file.js';
import { defaultInstanceName } from '../../../../src/operate/drain/count/instance-name.js';
import { pair } from '../../../assess/pools.js';
import { LEGACY_POOL, NEW_POOL } from '../../../support/cognito-simulator/migration-pair.js';
import type { PoolOptions } from '../../../support/cognito-simulator/pool.js';
import { type FuzzTarget, fuzzTarget } from '../../fuzz-target.js';
import { assertWellEnded, type CommandRun, type CommandRunOptions, runCommand, skippingClock } from '../command-run.js';
import { HostileCognito } from '../hostile-cognito.js';
import { Scratch } from '../scratch.js';
import { onConsole } from './console-lines.js';
import { coloursByHand, QUIET, TRAP, type Variables, variables } from './variables.js';

/** What is run: commands that call nobody, that are refused, that call an address which was named, and one that the environment names. */
const KINDS = [
  'help',
  'apply help',
  'status',
  'pace',
  'report',
  'assess',
  'refused',
  'no state',
  'plan',
  'apply',
  'found',
] as const;
type Kind = (typeof KINDS)[number];
const OFFLINE: readonly Kind[] = ['help', 'apply help', 'status', 'pace', 'report', 'assess'];
const REFUSED: readonly Kind[] = ['refused', 'no state'];

interface Input {
  readonly kind: Kind;
  readonly variables: Variables;
  readonly isTerminal: boolean;
}

const input: fc.Arbitrary<Input> = fc.record({
  kind: fc.constantFrom(...KINDS),
  variables,
  isTerminal: fc.boolean(),
});

/** What a failure that the environment causes must speak of. */
const CAUSES =
  /AWS_\w+|credential|region|profile|endpoint|address|prox|hostname|reached|NetworkingError|ENOTFOUND|HTTP \d{3}|defaultsMode|retry ?mode/i;

const people = (side: string) =>
  ['ann', 'bob'].map((username, n) => ({
    username,
    sub: `${side}000000${n}-1111-4111-8111-111111111111`,
    attributes: { email: `${username}@example.com`, email_verified: 'true' },
  }));
const POOLS: readonly PoolOptions[] = [
  { id: LEGACY_POOL, users: people('a'), clients: [] },
  {
    id: NEW_POOL,
    users: people('b'),
    customAttributes: ['legacy_sub'],
    clients: [{ ClientId: 'web', ClientName: 'web', WriteAttributes: ['email'], ReadAttributes: ['email'] }],
  },
];

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours are looked for
const COLOURS = /\u001b\[\d{1,2}m/g;

/** The words of a text, however it is wrapped: COLUMNS and colours may change the rest. */
const wordsOf = (text: string): string =>
  text.replaceAll(COLOURS, '').replaceAll('\\', '').split(/\s+/).join(' ').trim();

/** What is put in the place of the command to plant faults. */
export type EnvironmentCommand = (args: readonly string[], options: CommandRunOptions) => Promise<CommandRun>;

/** Nobody outside of this machine is looked for. */
function stayHere(): () => void {
  const { lookup } = dns;
  const local = (name: string, ...rest: unknown[]) => {
    if (/^(?:localhost|127\.0\.0\.1|::1)$/.test(name)) return Reflect.apply(lookup, dns, [name, ...rest]);
    const answer = rest.at(-1) as (error: Error) => void;
    return answer(Object.assign(new Error('not on this machine'), { code: 'ENOTFOUND', syscall: 'getaddrinfo' }));
  };
  dns.lookup = local as typeof lookup;
  syncBuiltinESMExports();
  return () => {
    dns.lookup = lookup;
    syncBuiltinESMExports();
  };
}

/** Sets these variables, and removes whatever else of the machine could be found. */
function withVariables(given: Variables): () => void {
  const before = { ...process.env };
  const isOthers = (name: string) => /^(?:AWS_|OTEL_|CUTOVER_|npm_)|proxy$/i.test(name);
  for (const name of Object.keys(before).filter(isOthers)) delete process.env[name];
  Object.assign(process.env, QUIET, given);
  return () => {
    for (const name of Object.keys(process.env)) if (!Object.hasOwn(before, name)) delete process.env[name];
    Object.assign(process.env, before);
  };
}

export const environmentBy = (run: EnvironmentCommand): FuzzTarget =>
  fuzzTarget<Input>({
    name: 'environment',
    boundary: 'environment variables of commands',
    async start() {
      const scratch = new Scratch();
      const free = stayHere();
      const cognito = await new HostileCognito().listen();
      const called: string[] = [];
      let logged: ReturnType<typeof onConsole> | undefined;
      const trap = createServer((request, response) => {
        const chunks: Buffer[] = [];
        request.on('data', (chunk: Buffer) => chunks.push(chunk));
        request.on('end', () => {
          called.push(Buffer.concat(chunks).toString());
          response.writeHead(404).end();
        });
      });
      await new Promise<void>((resolve) => trap.listen(0, '127.0.0.1', resolve));
      const trapAddress = `http://127.0.0.1:${(trap.address() as AddressInfo).port}`;

      const { endpoint } = cognito;
      const pools = ['--legacy-pool', LEGACY_POOL, '--new-pool', NEW_POOL];
      const calls = ['--legacy-endpoint', endpoint, '--new-endpoint', endpoint, '--patience', '10s'];
      const snapshot = scratch.path('snapshot.json');
      writeFileSync(snapshot, formatSnapshot(pair()));
      const planned = scratch.path('cutover.db');
      const argumentsOf = (kind: Kind, state: string): readonly string[] =>
        ({
          help: ['--help'],
          'apply help': ['apply', '--help'],
          status: ['status', '--state', state],
          pace: ['pace', '--state', state],
          report: ['report', '--state', state],
          assess: ['assess', '--snapshot', snapshot],
          refused: ['plan', ...pools, ...calls, '--state', state, '--read-rps', 'many'],
          'no state': ['apply', '--state', `${state}.none`, ...calls.slice(2), '--yes'],
          plan: ['plan', ...pools, ...calls, '--state', state],
          apply: ['apply', ...pools.slice(2), ...calls.slice(2), '--state', state, '--hook', 'true', '--yes'],
          found: ['plan', ...pools, '--patience', '10s', '--state', state],
        })[kind];

      const runIn = async ({ kind, variables, isTerminal }: Input, folder: string, by = run) => {
        const given = Object.fromEntries(
          Object.entries(variables).map(([name, value]) => [name, value === TRAP ? trapAddress : value]),
        );
        const restore = withVariables({ AWS_ENDPOINT_URL: trapAddress, HOME: folder, ...given });
        if (!['plan', 'found', ...REFUSED].includes(kind)) copyFileSync(planned, join(folder, 'cutover.db'));
        cognito.reset(POOLS);
        cognito.requests = 0;
        called.length = 0;
        const cwd = process.cwd();
        process.chdir(folder);
        logged = onConsole();
        try {
          const env = { ...process.env } as Variables;
          const limit = AbortSignal.timeout(20_000);
          const ended = await by(argumentsOf(kind, 'cutover.db'), {
            ...{ env, clock: skippingClock(), signal: limit, isTTY: isTerminal, columns: 80 },
          });
          if (limit.aborted) throw new Error(`${kind} did not end with ${JSON.stringify(variables).slice(0, 800)}`);
          return { ...ended, stderr: `${ended.stderr}${logged?.text() ?? ''}` };
        } finally {
          logged?.close();
          process.chdir(cwd);
          restore();
        }
      };

      const ordinary = new Map<Kind, CommandRun>();
      await scratch.within(async (folder) => {
        const restore = withVariables({ AWS_ENDPOINT_URL: endpoint });
        cognito.reset(POOLS);
        const made = await runCommand(argumentsOf('plan', planned));
        restore();
        if (!['done', 'attention'].includes(made.ending))
          throw new Error(`no plan was made in ${folder}: ${made.stderr}`);
      });
      for (const kind of OFFLINE) {
        const usual = await scratch.within((folder) =>
          runIn({ kind, variables: {}, isTerminal: false }, folder, runCommand),
        );
        ordinary.set(kind, usual);
      }

      const check = async (given: Input, folder: string) => {
        const ended = await runIn(given, folder);
        const { kind, variables, isTerminal } = given;
        const what = `${kind} with ${JSON.stringify(variables).slice(0, 800)}`;
        assertWellEnded(what, ended);
        const output = `${ended.stdout}\n${ended.stderr}`;
        // The SDK repeats a value that it refuses: the colours of the user's own text are not those of the command.
        const own = Object.values(variables).reduce(
          (text, value) => (value ? text.replaceAll(value, '') : text),
          output,
        );
        const isColoured = own.search(COLOURS) >= 0;
        const mayColour = coloursByHand({ ...QUIET, ...variables }, isTerminal);
        if (isColoured && !mayColour) throw new Error(`${what} is coloured: ${output.slice(0, 500)}`);
        const left = readdirSync(folder).filter((name) => !name.startsWith('cutover.db'));
        if (left.length > 0) throw new Error(`${what} left ${left}`);
        // Whose credentials these are may be asked where the environment says; and credentials may be fetched there, by a GET.
        const mayFetch = variables['AWS_CONTAINER_CREDENTIALS_FULL_URI'] === TRAP;
        const others = called.filter(
          (body) => !(body.includes('Action=GetCallerIdentity') || (mayFetch && body === '')),
        );
        if (OFFLINE.includes(kind)) {
          const usual = ordinary.get(kind) as CommandRun;
          if (ended.ending !== usual.ending) throw new Error(`${what} ended ${ended.ending}: ${output.slice(0, 1500)}`);
          if (wordsOf(ended.stdout) !== wordsOf(usual.stdout))
            throw new Error(`${what} says something else: ${ended.stdout.slice(0, 2000)}`);
          if (cognito.requests + called.length > 0) throw new Error(`${what} called somebody`);
          return;
        }
        if (REFUSED.includes(kind)) {
          if (ended.ending !== 'usage' || !/--read-rps|no state/.test(output)) throw new Error(`${what}: ${output}`);
          if (cognito.requests + called.length > 0) throw new Error(`${what} was refused, and called somebody`);
          if (existsSync(join(folder, 'cutover.db'))) throw new Error(`${what} was refused, and left a state`);
          return;
        }
        if (kind !== 'found' && others.length > 0) throw new Error(`${what} called another address: ${others[0]}`);
        if (kind === 'found' && cognito.requests > 0) throw new Error(`${what} called an address that nobody named`);
        const isDone = ['done', 'attention'].includes(ended.ending);
        if (!isDone && !CAUSES.test(output))
          throw new Error(`${what} does not say why it failed: ${output.slice(0, 1500)}`);
      };

      return {
        input,
        check: (given) =>
          scratch.within((folder) => {
            const env = process.env as Variables;
            const name = defaultInstanceName({ ...given.variables, HOME: env['HOME'] });
            if (name === '') throw new Error(`an instance has no name with ${JSON.stringify(given.variables)}`);
            return check(given, folder);
          }),
        close: async () => {
          // The last input may have been interrupted.
          logged?.close();
          free();
          trap.closeAllConnections();
          trap.close();
          await cognito.close();
          scratch.close();
        },
      };
    },
  });

export const environment = environmentBy(runCommand);

/**
 * What a fleet asks of one Redis and of the pools' key endpoints.
 *
 *     npm run bench:fleet -- [--processes 100] [--minutes 10] [--users 1000000] [--per-second 20] [--clients 6] [--json]
 *
 * The processes are in this one, and time is simulated: each has a counter and a store of its own, counts `--per-second` tokens of users
 * taken at random, and writes once a minute, the default of `flushSeconds`. Redis is a real one, on loopback. It is asked how many commands
 * it ran, how many bytes it received and sent, and how much CPU it took, the client libraries' own commands included.
 */
import { parseArgs } from 'node:util';
import { createClient } from 'redis';
import { DrainCounter } from '../src/operate/drain/count/drain-counter.js';
import { createRedisDrainStore } from '../src/operate/drain/stores/redis-drain-store.js';
import { type DecisionEvent, SUB } from '../src/operate/events.js';
import { createRedisPhaseStore } from '../src/operate/phases/redis-phase-store.js';
import { startRedis } from '../test/support/redis-server.js';
import { busiest, keyFetches } from './fleet-keys.js';

const { values: given } = parseArgs({
  options: {
    processes: { type: 'string', default: '100' },
    minutes: { type: 'string', default: '10' },
    users: { type: 'string', default: '1000000' },
    'per-second': { type: 'string', default: '20' },
    clients: { type: 'string', default: '6' },
    json: { type: 'boolean', default: false },
  },
});
const [processes, minutes, users] = [Number(given.processes), Number(given.minutes), Number(given.users)];
const [perSecond, clients] = [Number(given['per-second']), Number(given.clients)];
const SIDES = ['legacy', 'new'] as const;
const BEGINNING = Date.UTC(2026, 0, 15, 12);
const POLLS_A_MINUTE = 2;

interface Figure {
  readonly figure: string;
  readonly measured: number;
  readonly unit: string;
}
const figures: Figure[] = [];
function report(figure: string, measured: number, unit: string): void {
  figures.push({ figure, measured, unit });
  if (!given.json) console.log(`${figure.padEnd(64)} ${measured.toFixed(1).padStart(10)} ${unit}`);
}

function eventOf(at: number): DecisionEvent {
  const user = Math.floor(Math.random() * users);
  const pool = SIDES[user % 2] ?? 'new';
  return {
    type: 'accepted',
    outcome: 'accepted',
    pool,
    userPoolId: `eu-west-1_${pool}`,
    clientId: `client-${Math.floor(Math.random() * clients)}`,
    kind: 'user',
    durationMs: 0,
    expiresAt: Math.floor(at / 1000) + 3600,
    [SUB]: `a0000000-0000-4000-8000-${user.toString(16).padStart(12, '0')}`,
  };
}

async function redisFigures(): Promise<void> {
  const server = await startRedis();
  const client = createClient({ url: server.url });
  await client.connect();
  try {
    const fleet = Array.from({ length: processes }, (_, n) => ({
      instance: `api-${n}`,
      counter: new DrainCounter(`api-${n}`, `run-${n}`),
      store: createRedisDrainStore({ client }),
    }));
    const phases = createRedisPhaseStore({ client });
    await phases.write({});
    const usage = async () => {
      const info = await client.info();
      const number = (name: string) => Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(info)?.[1]);
      return {
        commands: number('total_commands_processed'),
        received: number('total_net_input_bytes'),
        sent: number('total_net_output_bytes'),
        cpu: number('used_cpu_user') + number('used_cpu_sys'),
        memory: number('used_memory'),
      };
    };
    const first = await usage();
    const aMinute = async (minute: number) => {
      for (const { instance, counter, store } of fleet) {
        for (let second = 0; second < 60; second += 1) {
          const at = BEGINNING + minute * 60_000 + second * 1000;
          for (let n = 0; n < perSecond; n += 1) counter.count(eventOf(at), at);
        }
        const now = BEGINNING + (minute + 1) * 60_000;
        const unwritten = counter.unwritten();
        const run = `run-${instance}`;
        const state = {
          instance,
          run,
          startedAt: BEGINNING,
          reportedAt: now,
          flushSeconds: 60,
          legacy: counter.traces(),
        };
        await store.write(state, unwritten.records);
        unwritten.written(now);
      }
    };
    const measured = async (name: string, work: () => Promise<void>, seconds: number) => {
      const before = await usage();
      await work();
      const after = await usage();
      const per = (value: number) => value / seconds;
      report(`${name}: commands a second`, per(after.commands - before.commands - 1), '');
      report(`${name}: received a second`, per(after.received - before.received) / 1000, 'kB');
      report(`${name}: sent a second`, per(after.sent - before.sent) / 1000, 'kB');
      report(`${name}: of one core of Redis`, per(after.cpu - before.cpu) * 100, '%');
    };
    await measured(`${processes} processes, the first minute`, () => aMinute(0), 60);
    for (let minute = 1; minute < minutes - 1; minute += 1) await aMinute(minute);
    await measured(`${processes} processes, minute ${minutes}`, () => aMinute(minutes - 1), 60);
    const poll = async () => {
      for (let n = 0; n < processes * POLLS_A_MINUTE; n += 1) await phases.read();
    };
    await measured('phases, polled every 30 s', poll, 60);
    report('memory of the counts', ((await usage()).memory - first.memory) / 1e6, 'MB');
    const began = performance.now();
    await fleet[0]?.store.read('2026-01-01');
    report('reading a report', performance.now() - began, 'ms');
  } finally {
    client.destroy();
    await server.stop();
  }
}

async function keyFigures(): Promise<void> {
  for (const [name, random] of [
    ['in step', () => 0],
    ['each at a time of its own', Math.random],
  ] as const) {
    const fetches = await keyFetches({ processes, hours: 24, random });
    const later = fetches.filter((second) => second > 0);
    report(`a pool's key endpoint, 24 h, ${name}: fetches`, fetches.length, '');
    report(`a pool's key endpoint, ${name}: most in a second after the start`, busiest(later, 1), '');
    report(`a pool's key endpoint, ${name}: most in a minute after the start`, busiest(later, 60), '');
  }
}

await redisFigures();
await keyFigures();
if (given.json) console.log(JSON.stringify(figures, undefined, 2));

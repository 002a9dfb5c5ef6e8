import { channel } from 'node:diagnostics_channel';
import { DrainCounter } from '../src/operate/drain/count/drain-counter.js';
import { UserSketch } from '../src/operate/drain/count/user-sketch.js';
import { createDrainMonitor } from '../src/operate/drain/drain-monitor.js';
import { CHANNELS, type DecisionEvent, SUB } from '../src/operate/events.js';
import { median } from './measure.js';

const USERS = 1_000_000;
const SIDES = ['legacy', 'new'] as const;
const MIDNIGHT = Date.UTC(2026, 0, 15);
const HOUR_MS = 3_600_000;

export interface DrainResult {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** The target, if there is one: at most this. */
  readonly most?: number;
}

/** What it costs to count a million distinct users of each of two pools, within one day. */
export function benchDrain(rounds: number): readonly DrainResult[] {
  const usual = countedWith(6);
  const most = countedWith(100);
  const started = performance.now();
  const { records } = usual.counter.unwritten();
  const flushMs = performance.now() - started;
  const errors = records.flatMap(({ users, clients }) => [
    Math.abs(countOf(users) / USERS - 1),
    ...clients.map((client) => Math.abs(countOf(client.users) / client.tokens - 1)),
  ]);
  return [
    { name: 'memory, with 6 app clients per pool', value: usual.megabytes, unit: 'MB', most: 5 },
    { name: 'memory, with 100 app clients per pool', value: most.megabytes, unit: 'MB', most: 5 },
    { name: 'error of the users of a day', value: 100 * Math.max(errors[0] ?? 1, errors[7] ?? 1), unit: '%', most: 2 },
    { name: 'a decision counted', value: decisionNanoseconds(rounds), unit: 'ns', most: 1000 },
    { name: 'a flush that writes everything', value: flushMs, unit: 'ms' },
    { name: 'the same, as JSON', value: JSON.stringify(records).length / 1e6, unit: 'MB' },
  ];
}

/** Every user comes in one of 24 hours, by one of so many app clients. */
function countedWith(clients: number): { readonly counter: DrainCounter; readonly megabytes: number } {
  const before = heldBytes();
  const counter = new DrainCounter('api-1', 'bench');
  for (const pool of SIDES) {
    for (let user = 0; user < USERS; user += 1) {
      const at = MIDNIGHT + Math.floor((user / USERS) * 24) * HOUR_MS;
      counter.count(eventOf(pool, user, user % clients, at), at);
    }
  }
  return { counter, megabytes: (heldBytes() - before) / 1e6 };
}

function decisionNanoseconds(rounds: number): number {
  const monitor = createDrainMonitor({ instance: 'bench' });
  const decisions = channel(CHANNELS.decision);
  const samples: number[] = [];
  for (let round = -2; round < rounds; round += 1) {
    const events = Array.from({ length: 20_000 }, (_, n) =>
      eventOf('legacy', (round + 2) * 10_000 + n, n % 6, Date.now()),
    );
    // CPU time: the time on an otherwise idle machine.
    const started = process.cpuUsage();
    for (const event of events) decisions.publish(event);
    const { user, system } = process.cpuUsage(started);
    if (round >= 0) samples.push(((user + system) * 1000) / events.length);
  }
  void monitor.close();
  return median(samples);
}

const countOf = (users: string): number => UserSketch.parse(users)?.count ?? Number.NaN;

function heldBytes(): number {
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

function eventOf(pool: (typeof SIDES)[number], user: number, client: number, at: number): DecisionEvent {
  return {
    type: 'accepted',
    outcome: 'accepted',
    pool,
    userPoolId: `eu-west-1_${pool}`,
    clientId: `client-${client}`,
    kind: 'user',
    durationMs: 0,
    expiresAt: Math.floor(at / 1000) + 3600,
    [SUB]: `a0000000-0000-4000-8000-${user.toString(16).padStart(12, '0')}`,
  };
}

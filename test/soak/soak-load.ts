/**
 * The load generator of the soak test, a process of its own. Its parent sends credentials and tells what happens to the pools; it
 * compares every answer with the model, and counts.
 */
import { createHistogram } from 'node:perf_hooks';
import { type Random, randomFrom } from '../support/cognito-simulator/random.js';
import { Lane } from './soak-lane.js';
import type { LoadReport, LoadStart, ToLoad } from './soak-messages.js';
import { type Credential, isOneOf, type Period, rightAnswers, type Side, type SoakAnswer } from './soak-model.js';
import { Stock } from './soak-stock.js';

const start: LoadStart = JSON.parse(process.env['SOAK_LOAD'] ?? '');
const random: Random = randomFrom(start.seed);
const stock = new Stock(start.issuers, random);
const periods: Period[] = [];
const withdrawnBelow: Record<Side, number> = { legacy: 0, new: 0 };
const world = { periods, withdrawnBelow };

const unexpected: LoadReport['unexpected'][number][] = [];
const answers: Record<string, number> = {};
let requests = 0;
let unexpectedCount = 0;
let isRunning = true;
let startedAt = 0;
let running: Promise<unknown> = Promise.resolve();
const latencies = new Map(start.servers.map(({ name }) => [name, { hot: createHistogram(), all: createHistogram() }]));

function judge(
  server: (typeof start.servers)[number],
  credential: Credential,
  answer: SoakAnswer,
  times: [number, number],
) {
  answers[answer.code ?? `${answer.status}`] = (answers[answer.code ?? `${answer.status}`] ?? 0) + 1;
  const right = server.isControl
    ? [{ status: 200, userId: 'anybody', pool: 'none' }]
    : rightAnswers(credential, server, world, times);
  if (!isOneOf(answer, right)) fault(server.name, credential, answer, right);
}

function fault(server: string, { kind, side, generation }: Credential, answer: unknown, right: unknown) {
  unexpectedCount += 1;
  const second = Math.round((Date.now() - startedAt) / 1000);
  if (unexpected.length < 20) unexpected.push({ second, server, kind, side, generation, answer, right });
}

/** A connection to one server, with one request after the other. All servers have as many, so that other load affects all of them alike. */
async function work(server: (typeof start.servers)[number]): Promise<void> {
  const lane = new Lane(server.port);
  const recorded = latencies.get(server.name);
  while (isRunning && requests < start.maxRequests) {
    const credential = stock.next();
    const sentAt = Date.now();
    const began = performance.now();
    requests += 1;
    try {
      const answer = await lane.ask(credential.authorization);
      const microseconds = Math.max(1, Math.round((performance.now() - began) * 1000));
      recorded?.all.record(microseconds);
      if (credential.kind === 'hot') recorded?.hot.record(microseconds);
      judge(server, credential, answer, [sentAt, Date.now()]);
    } catch (error) {
      fault(server.name, credential, `no answer: ${(error as Error).message}`, []);
    }
  }
  lane.close();
}

const report = (): LoadReport => ({
  requests,
  unexpectedCount,
  unexpected,
  answers,
  latencies: [...latencies].map(([name, { hot, all }]) => {
    const of = (histogram: typeof hot) => ({
      count: histogram.count,
      p50: histogram.percentile(50),
      p99: histogram.percentile(99),
      p999: histogram.percentile(99.9),
    });
    return { name, hot: of(hot), all: of(all) };
  }),
});

process.on('message', async (message: ToLoad) => {
  if ('add' in message) stock.add(message.add);
  if ('begin' in message) periods.push({ what: message.begin, from: Date.now(), until: Number.POSITIVE_INFINITY });
  if ('end' in message) {
    for (const period of periods) {
      if (period.what === message.end && period.until === Number.POSITIVE_INFINITY)
        period.until = Date.now() + message.graceMs;
    }
    // Those that no running request can have met.
    const past = Date.now() - 60_000;
    periods.splice(0, periods.length, ...periods.filter(({ until }) => until > past));
  }
  if ('withdraw' in message) {
    withdrawnBelow[message.withdraw] = message.below;
    stock.withdraw(message.withdraw, message.below);
  }
  if ('go' in message) {
    startedAt = Date.now();
    running = Promise.all(
      start.servers.flatMap((server) => Array.from({ length: start.connections }, () => work(server))),
    );
  }
  if ('stop' in message) {
    isRunning = false;
    await running;
  }
  process.send?.({ id: message.id, report: report() });
});
process.once('disconnect', () => process.exit());
process.on('SIGINT', () => {});

process.send?.({ id: 0 });

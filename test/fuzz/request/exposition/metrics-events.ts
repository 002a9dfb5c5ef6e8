import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { TextMeter } from '../../../../src/cli/commands/forward-auth/text-meter.js';
import { Troubles } from '../../../../src/cli/commands/forward-auth/troubles.js';
import { systemClock } from '../../../../src/clock.js';
import { CutoverError } from '../../../../src/errors.js';
import { Announcer, announcerOf } from '../../../../src/operate/announcer.js';
import { createDrainMonitor } from '../../../../src/operate/drain/drain-monitor.js';
import { CHANNELS, type CutoverEvent, type DecisionEvent } from '../../../../src/operate/events.js';
import { instrumentCutover } from '../../../../src/operate/metrics.js';
import { record } from '../../../../src/operate/recording.js';
import type { CutoverVerifier, PoolOptions } from '../../../../src/verify/types.js';
import { createCutoverVerifier } from '../../../../src/verify/verifier.js';
import { type IssuerKey, issuerKey, signToken } from '../../../support/issuer.js';
import { assertNoCanary, CANARY } from '../../canary.js';
import { fuzzTarget } from '../../fuzz-target.js';
import { ensure, overhear, settledOf } from '../refusals.js';
import { CountedEvents, wrongWith } from './events-model.js';
import { FAILS, type Input, input, type Op } from './hostile-events.js';
import { type Samples, samplesIn } from './prometheus-text.js';

const NOW = Date.UTC(2026, 0, 15, 12);
const MOST_CLIENTS = 100;
const issuerOf = (pool: number): string => `https://pool${pool}.example`;

/** Collects when it is asked to. */
class OnDemand extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

/** A verifier whose pools, aliases, keys and resolver are as hostile as its tokens. */
function verifierOf(
  { poolIds, alias }: Input,
  key: IssuerKey,
  now: () => number,
  onEvent: (event: CutoverEvent) => void,
) {
  const asked: { found: unknown; answer: 'good' | number | string } = { found: undefined, answer: 'good' };
  const pools = poolIds.map((userPoolId, at): PoolOptions => {
    const keys = { jwks: { keys: [key.jwk] }, jwksUri: `${issuerOf(at)}/keys` };
    return { userPoolId, issuers: [issuerOf(at)], clientIds: null, clientAliases: { app: alias }, ...keys };
  });
  const verifier = createCutoverVerifier({
    ...{ legacyPool: pools.slice(0, 2), newPool: pools[2] as PoolOptions, tokenUse: 'any', onEvent },
    clock: { now, monotonic: () => 0 },
    legacyId: {
      format: null,
      resolve() {
        if (asked.found === FAILS) throw new Error(`${CANARY.email} is not there`);
        return asked.found as string;
      },
    },
    keys: {
      async fetch() {
        const { answer } = asked;
        if (typeof answer === 'number') return { status: answer, text: async () => '' };
        if (answer !== 'good') throw Object.assign(new Error(answer), { code: answer });
        return { status: 200, text: async () => JSON.stringify({ keys: [key.jwk] }) };
      },
    },
  });
  return { verifier, asked };
}

async function perform(op: Op, { poolIds }: Input, verifier: CutoverVerifier, key: IssuerKey, seconds: number) {
  if (op.op === 'token') {
    const payload = {
      ...{ iss: issuerOf(op.pool), sub: op.sub, token_use: op.use, iat: seconds - 100, exp: seconds + op.life },
      ...(op.use === 'id' ? { aud: op.client } : { client_id: op.client, username: CANARY.name }),
      ...{ 'custom:legacy_sub': op.claim, legacy_sub: op.claim, email: CANARY.email, jti: CANARY.token },
    };
    const token = signToken({ alg: 'RS256', kid: op.kid ?? key.kid }, payload, key);
    const given = op.isForged ? `${token.slice(0, -8)}AAAAAAAA` : token;
    const ask = () => verifier.verifyEagerly(given);
    await settledOf(() => (op.isObserved ? announcerOf(verifier).observing(ask) : ask()));
  } else if (op.op === 'keys') await settledOf(() => verifier.refresh());
  else if (op.op === 'entry') {
    const { code, client: clientId } = op;
    if (code === undefined) announcerOf(verifier).anonymous();
    else {
      const error = new CutoverError(code, CANARY.email);
      if (/SCOPE|GROUP/.test(code))
        Object.assign(error, { pool: 'new', userPoolId: poolIds[2], clientId, sub: CANARY.name });
      announcerOf(verifier).refused(error);
    }
  } else {
    const announcer = new Announcer(undefined, () => 0);
    const about = { pool: op.pool === 2 ? 'new' : 'legacy', userPoolId: poolIds[op.pool] as string } as const;
    for (let at = 0; at < op.count; at++) {
      const token = { ...about, clientId: `client ${at}`, sub: CANARY.email, tokenUse: 'access' } as const;
      if (op.code === undefined) announcer.accepted({ ...token, kind: 'user', userIdSource: 'claim' }, false, 0);
      else announcer.rejected(Object.assign(new CutoverError(op.code, CANARY.token), token), 0);
    }
  }
}

function checkSamples(what: string, found: Samples, wanted: Samples): void {
  for (const [key, value] of wanted)
    ensure(found.get(key) === value, `${what}: ${key} is ${found.get(key)}, not ${value}`);
  const counts = [...found.keys()].filter((key) => /_(?:total|count)"/.test(key));
  for (const key of counts) ensure(wanted.has(key), `${what}: ${key} is of nowhere`);
  const clients = [...found.keys()].flatMap((key) =>
    (JSON.parse(key) as string[]).filter((one) => /_client_id=/.test(one)),
  );
  ensure(new Set(clients).size <= MOST_CLIENTS + 1, `${what}: ${new Set(clients).size} clients`);
}

/** A text that the metrics are written to, and how it is read. */
type Meter = Pick<TextMeter, 'createCounter' | 'createHistogram' | 'createObservableGauge' | 'text'>;

export const metricsEventsBy = (meterOf: () => Meter) =>
  fuzzTarget<Input>({
    name: 'metrics-events',
    boundary: 'names and messages that reach events, metrics, counts and logs',
    start() {
      const key = issuerKey('the only key');
      const log = overhear();
      return {
        input,
        count: ({ ops }) => ops.length,
        close: () => log.close(),
        async check(given) {
          let now = NOW;
          const clock = { now: () => now, monotonic: () => 0, sleep: systemClock.sleep };
          const heard: CutoverEvent[] = [];
          const counted = new CountedEvents();
          const hear = (event: unknown) => {
            heard.push(event as CutoverEvent);
            counted.count(event as CutoverEvent, now);
          };
          const notes: string[] = [];
          const troubles = new Troubles((line) => void notes.push(line));
          const meter = meterOf();
          const reader = new OnDemand();
          const provider = new MeterProvider({ readers: [reader] });
          for (const channel of Object.values(CHANNELS)) subscribe(channel, hear);
          const stop = record(meter, clock);
          const recording = instrumentCutover({ meter: provider.getMeter('test'), clock });
          const drain = createDrainMonitor({ instance: 'one', clock });
          try {
            const { verifier, asked } = verifierOf(given, key, clock.now, troubles.onEvent);
            for (const op of given.ops) {
              now += 1000;
              if (op.op === 'token') asked.found = op.found;
              if (op.op === 'keys') asked.answer = op.answer;
              const before = heard.length;
              await perform(op, given, verifier, key, now / 1000);
              if (op.op === 'token') checkOfToken(op, heard.slice(before), given);
            }
            checkEvents(heard);
            const text = meter.text();
            assertNoCanary('the metrics', text);
            const samples = samplesIn(Buffer.from(text));
            // Half a character has no bytes. Of two clients that are one then, the last one told counts.
            const isUnicode = !/\\ud[89a-f]/.test(JSON.stringify(given));
            const all = [...counted.samples].filter(([key]) => isUnicode || !key.includes('last_seen'));
            checkSamples('the metrics', samples, new Map(all));
            // How others write it is not ours to mend.
            if (isUnicode) {
              const { resourceMetrics } = await reader.collect();
              const exported = new PrometheusSerializer(undefined, false, undefined, true, true).serialize(
                resourceMetrics,
              );
              assertNoCanary('what OpenTelemetry exports', exported);
              checkSamples('OpenTelemetry', samplesIn(Buffer.from(exported)), counted.samples);
            }
            const report = JSON.stringify(await drain.report());
            assertNoCanary('what drain counted', report);
            checkDrain(JSON.parse(report), heard);
            for (const line of notes) checkNote(line, given);
            log.check();
          } finally {
            for (const channel of Object.values(CHANNELS)) unsubscribe(channel, hear);
            stop();
            recording.close();
            await drain.close();
            await provider.shutdown();
          }
        },
      };
    },
  });

/** One decision about each token, whose names are those of the token and of its pool. */
function checkOfToken(op: Extract<Op, { op: 'token' }>, events: readonly CutoverEvent[], given: Input): void {
  const [event, ...more] = events.filter(
    (one): one is DecisionEvent => one.type === 'accepted' || one.type === 'rejected',
  );
  ensure(event !== undefined && more.length === 0, `${more.length + 1} decisions about a token`);
  const about = JSON.stringify({ op, event });
  ensure(event.mode === (op.isObserved ? 'observe' : undefined), `observed or not. ${about}`);
  ensure(event.outcome === 'rejected' || !(op.isForged || op.kid !== undefined), `accepted. ${about}`);
  ensure(event.pool === (op.pool === 2 ? 'new' : 'legacy'), `another side. ${about}`);
  if (event.userPoolId === undefined) return;
  const client = op.client === 'app' ? given.alias : op.client;
  ensure(event.userPoolId === given.poolIds[op.pool] && event.clientId === client, `of another client. ${about}`);
}

function checkEvents(heard: readonly CutoverEvent[]): void {
  for (const event of heard) {
    const wrong = wrongWith(event);
    ensure(wrong === undefined, `an event with ${wrong}`);
  }
  assertNoCanary('the events', heard);
  assertNoCanary('the events as JSON', JSON.stringify(heard));
}

interface Counted {
  readonly pools: Readonly<Record<string, { readonly tokens: number }>>;
  readonly clients: readonly { readonly userPoolId: string; readonly clientId: string; readonly tokens: number }[];
}

function checkDrain({ pools, clients }: Counted, heard: readonly CutoverEvent[]): void {
  const accepted = heard.filter((event): event is DecisionEvent => event.type === 'accepted');
  for (const userPoolId of new Set(accepted.map((event) => event.userPoolId as string))) {
    const ofPool = accepted.filter((event) => event.userPoolId === userPoolId);
    const rows = clients.filter((one) => one.userPoolId === userPoolId);
    const counts = [pools[userPoolId]?.tokens, rows.reduce((sum, { tokens }) => sum + tokens, 0)];
    ensure(
      counts.every((tokens) => tokens === ofPool.length),
      `drain counted ${counts}, not ${ofPool.length}`,
    );
    ensure(rows.length <= MOST_CLIENTS + 1, `drain counted ${rows.length} clients`);
    const names = new Set(['(other clients)', ...ofPool.map(({ clientId }) => clientId)]);
    ensure(
      rows.every(({ clientId }) => names.has(clientId)),
      'drain counted clients of nowhere',
    );
  }
}

/** A log has a line for each; only the pool's own name, which is configured, may be odd. */
function checkNote(line: string, { poolIds }: Input): void {
  assertNoCanary('the log', line);
  const own = [...poolIds].sort((a, b) => b.length - a.length).reduce((rest, id) => rest.replace(id, ''), line);
  ensure(
    [...own].every((one) => one >= ' ' && one !== '\u007f'),
    `the log has more than a line: ${JSON.stringify(line)}`,
  );
}

export const metricsEvents = metricsEventsBy(() => new TextMeter());

import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Attributes } from '@opentelemetry/api';
import { type Clock, stopwatch } from '../clock.js';
import { tell } from '../thenable.js';
import { CHANNELS, type CutoverEvent, type DecisionEvent, type KeysEvent, type ResolverEvent } from './events.js';
import { type Instruments, instrumentsOf } from './metric-instruments.js';
import { ClientNames, isOfToken, labels } from './metric-labels.js';

interface Seen {
  readonly labels: Attributes;
  at: number;
}

/**
 * Records what every verifier and entry point of this process decides. Needs nothing of OpenTelemetry but its types: the meter may be
 * any with its methods.
 *
 * @returns how to stop
 */
export function record(meter: Instruments, clock: Pick<Clock, 'now' | 'monotonic'>): () => void {
  const { decisions, tokens, lookups, fetches, age, lastSeen } = instrumentsOf(meter);
  const passed = stopwatch(clock);
  const clients = new ClientNames();
  const fetched = new Map<string, Seen>();
  const legacy = new Map<string, Seen>();
  const ends = [
    listen(CHANNELS.decision, (event: DecisionEvent) => {
      const { outcome, mode, pool, userPoolId, tokenUse, userIdSource, code, cached, durationMs } = event;
      const clientId = clients.nameOf(event);
      decisions.add(1, labels({ outcome, mode, pool, userPoolId, clientId, tokenUse, userIdSource, code }));
      if (isOfToken(event)) tokens.record(durationMs / 1_000, labels({ outcome, mode, pool, code, cached }));
      if (outcome !== 'accepted' || pool !== 'legacy') return;
      // With the length, so that no other pool and client make the same text.
      const key = `${userPoolId?.length} ${userPoolId} ${clientId}`;
      const seen = legacy.get(key) ?? { labels: labels({ pool, userPoolId, clientId }), at: 0 };
      seen.at = clock.now();
      legacy.set(key, seen);
    }),
    listen(CHANNELS.resolver, ({ userPoolId, outcome, durationMs }: ResolverEvent) => {
      const code = outcome === 'failed' ? 'ERR_LEGACY_ID_UNAVAILABLE' : undefined;
      lookups.record(durationMs / 1_000, labels({ outcome, userPoolId, code }));
    }),
    listen(CHANNELS.keys, ({ pool, userPoolId, outcome, durationMs }: KeysEvent) => {
      const code = outcome === 'failed' ? 'ERR_KEYS_UNAVAILABLE' : undefined;
      fetches.record(durationMs / 1_000, labels({ pool, userPoolId, code }));
      if (code === undefined) fetched.set(userPoolId, { labels: labels({ pool, userPoolId }), at: passed() });
    }),
    observe(age, (report) => {
      for (const seen of fetched.values()) report((passed() - seen.at) / 1_000, seen.labels);
    }),
    observe(lastSeen, (report) => {
      for (const seen of legacy.values()) report(seen.at / 1_000, seen.labels);
    }),
  ];
  return () => {
    for (const end of ends) end();
  };
}

/** Errors of the meter end here: what is recorded decides nothing. */
function listen<E extends CutoverEvent>(name: string, listener: (event: E) => void): () => void {
  const subscriber = (message: unknown) => tell(listener, message as E);
  subscribe(name, subscriber);
  return () => {
    unsubscribe(name, subscriber);
  };
}

type Gauge = ReturnType<Instruments['createObservableGauge']>;

function observe(gauge: Gauge, answer: (report: (value: number, attributes: Attributes) => void) => void): () => void {
  const callback: Parameters<Gauge['addCallback']>[0] = (result) => answer((value, to) => result.observe(value, to));
  gauge.addCallback(callback);
  return () => gauge.removeCallback(callback);
}

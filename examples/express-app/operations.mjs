import { setTimeout as delay } from 'node:timers/promises';
import { createFilePhaseStore, createPhases } from 'cognito-cutover';
import { createDrainMonitor, createFileDrainStore } from 'cognito-cutover/drain';
import { readNumber } from './config.mjs';

/**
 * What runs beside the requests for the weeks of the cutover, each where its variable is set:
 *
 * - `METRICS_PORT`: metrics for Prometheus
 * - `DRAIN`: counts who still uses the legacy pool, for `cognito-cutover drain`
 * - `PHASES`: follows what `cognito-cutover phase` says about the legacy pool, without a restart
 *
 * `DRAIN` and `PHASES` are `redis://…`, which all instances share, or a file, for one machine.
 *
 * @param {Readonly<Record<string, string | undefined>>} env
 * @param {(() => unknown)[]} endings gets what has to be closed, to be called in reverse order: what was counted is written while
 *   Redis is still connected
 */
export async function startOperations(env, endings) {
  // The stores of "./stores/redis", and one connection for those who share an address.
  const clients = new Map();
  const redis = async (url) => {
    if (!clients.has(url)) clients.set(url, await connectRedis(url, endings));
    return { client: clients.get(url), ...(await import('cognito-cutover/stores/redis')) };
  };

  let metrics;
  const port = readNumber(env, 'METRICS_PORT');
  if (port !== undefined) {
    const { serveMetrics } = await import('./metrics.mjs');
    metrics = await serveMetrics({ port, host: env.METRICS_HOST });
    endings.push(metrics.close);
  }

  if (env.DRAIN) {
    let store;
    if (isRedis(env.DRAIN)) {
      const { createRedisDrainStore, client } = await redis(env.DRAIN);
      store = createRedisDrainStore({ client });
    } else store = createFileDrainStore({ path: env.DRAIN });
    const onError = (error) => console.error(`drain: ${error.message}`);
    const monitor = createDrainMonitor({
      store,
      onError,
      ...given('flushSeconds', readNumber(env, 'DRAIN_FLUSH_SECONDS')),
    });
    endings.push(() => monitor.close());
  }

  let phases;
  if (env.PHASES) {
    let source;
    if (isRedis(env.PHASES)) {
      const { createRedisPhaseStore, client } = await redis(env.PHASES);
      source = createRedisPhaseStore({ client });
    } else source = createFilePhaseStore({ path: env.PHASES });
    const onEvent = ({ outcome, status }) => {
      const write = outcome === 'failed' ? console.error : console.log;
      write(`phases: ${outcome}, the legacy pool is ${status.phase ?? 'in an unknown phase'}`);
    };
    phases = createPhases({ source, onEvent, ...given('pollSeconds', readNumber(env, 'PHASES_POLL_SECONDS')) });
    endings.push(() => phases.close());
  }

  return { phases, metrics: metrics?.address };
}

/** @param {string} address */
function isRedis(address) {
  return /^rediss?:/.test(address);
}

/** An option, where its variable is set. */
function given(name, value) {
  return value === undefined ? {} : { [name]: value };
}

/** A Redis that is away does not keep the service from starting. It is connected later, and what needs it says so. */
async function connectRedis(url, endings) {
  const { createClient } = await import('redis');
  // Without a connection a command fails at once, instead of waiting for one while requests wait for it.
  const client = createClient({ url, disableOfflineQueue: true });
  client.on('error', (error) => console.error(`redis: ${error.name}`));
  endings.push(() => client.destroy());
  await Promise.race([client.connect(), delay(2_000)]);
  return client;
}

// One of the API processes of the scripted cutover: what a service is during the weeks of a move. Its parent tells it the pools and
// addresses in CUTOVER_API, gets its port by message, and ends it with SIGTERM, or with SIGKILL.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { cached, createCutoverVerifier, createPhases, guarded, storeResolver } from 'cognito-cutover';
import { createDrainMonitor } from 'cognito-cutover/drain';
import { cutoverAuth, getAuth, readiness } from 'cognito-cutover/express';
import { instrumentCutover } from 'cognito-cutover/metrics';
import { createRedisDrainStore, createRedisPhaseStore, createRedisStore } from 'cognito-cutover/stores/redis';
import express from 'express';
import { createClient } from 'redis';

const config = JSON.parse(process.env.CUTOVER_API);
const delay = monitorEventLoopDelay();
delay.enable();

// An instance must notice within seconds that Redis hangs.
const client = createClient({
  url: config.redis,
  disableOfflineQueue: true,
  commandOptions: { timeout: 2000 },
  socket: { reconnectStrategy: 200 },
});
client.on('error', () => {});
await client.connect();

const resolve = cached(
  guarded(storeResolver(createRedisStore({ client })), {
    openSeconds: config.breakerSeconds,
    maxConcurrent: 100,
  }),
  { ttlSeconds: 2, missingTtlSeconds: config.missingTtlSeconds },
);
const phases = createPhases({ source: createRedisPhaseStore({ client }), pollSeconds: config.pollSeconds });
const verifier = createCutoverVerifier({
  legacyPool: config.legacyPool,
  newPool: config.newPool,
  tokenUse: 'access',
  legacyTokens: phases,
  legacyId: { resolve, resolvedSeconds: 1 },
  keys: { refreshSeconds: config.refreshSeconds, cooldownSeconds: 1, timeoutMs: 1000 },
  clockToleranceSeconds: 0,
});

const monitor = createDrainMonitor({
  store: createRedisDrainStore({ client }),
  instance: config.instance,
  flushSeconds: config.flushSeconds,
});

const exporter = new PrometheusExporter({ preventServerStart: true });
instrumentCutover({ meter: new MeterProvider({ readers: [exporter] }).getMeter('cognito-cutover') });

const app = express();
app.disable('x-powered-by');
app.get('/ready', readiness({ verifier, resolver: resolve }));
app.get('/metrics', (req, res) => exporter.getMetricsRequestHandler(req, res));
app.use(cutoverAuth({ verifier }));
app.get('/me', (req, res) => {
  const { userId, pool } = getAuth(req);
  res.json({ userId, pool });
});
app.use((error, _req, res, next) => {
  if (typeof error.code !== 'string' || error.headers === undefined) return next(error);
  const reason = error.status === 503 ? (error.cause?.cause ?? error.cause)?.message : undefined;
  res.status(error.status).set(error.headers).json({ code: error.code, reason });
});

const server = app.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
server.keepAliveTimeout = 60_000;

process.once('SIGTERM', async () => {
  server.close();
  server.closeAllConnections();
  await monitor.close();
  verifier.close();
  phases.close();
  client.destroy();
  process.send({ longestPauseMs: Math.round(delay.max / 1e6) }, () => process.disconnect());
});

// Its parent has ended, however that came.
process.once('disconnect', () => process.exit());

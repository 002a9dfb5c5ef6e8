// One server of the soak test: Express with the middleware, or, as the control, without. Its parent tells it in SOAK_SERVER what to do,
// gets its port by message, asks it for samples, and ends it by closing the channel. Started with --expose-gc.

import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { cached, createCutoverVerifier, guarded } from 'cognito-cutover';
import { cutoverAuth, getAuth } from 'cognito-cutover/express';
import express from 'express';

const config = JSON.parse(process.env.SOAK_SERVER);
const delay = monitorEventLoopDelay();
delay.enable();

let isSourceDown = false;
/** The legacy id of every second user: the first part of the sub, reversed. */
async function look({ sub }) {
  await sleep(2);
  if (isSourceDown) throw new Error('the source of legacy ids is down');
  return Number.parseInt(sub.at(-1), 16) % 2 === 0 ? [...sub.slice(0, 8)].reverse().join('') + sub.slice(8) : undefined;
}
const resolve = config.hasResolver
  ? cached(guarded(look, { openSeconds: config.breakerSeconds, maxConcurrent: 50, maxPerSecond: null }), {
      ttlSeconds: 3,
      missingTtlSeconds: 3,
      // Two new users come each second: a cache of the default size would still be filling after half a day, and look like a leak.
      maxEntries: 600,
    })
  : undefined;

const app = express();
app.disable('x-powered-by');
let verifier;
if (config.pools !== undefined) {
  verifier = createCutoverVerifier({
    legacyPool: config.pools.legacy,
    newPool: config.pools.new,
    tokenUse: 'any',
    clockToleranceSeconds: 0,
    cache: { maxTokens: config.maxTokens },
    keys: config.keys,
    isRevoked: ({ claims }) => `${claims.jti}`.startsWith('revoked-'),
    ...(resolve !== undefined && { legacyId: { resolve, resolvedSeconds: 2 } }),
  });
  await verifier.hydrate();
  app.use(cutoverAuth({ verifier }));
}
app.get('/me', (req, res) => {
  if (verifier === undefined) return res.json({ userId: 'anybody', pool: 'none' });
  const { userId, pool } = getAuth(req);
  res.json({ userId, pool });
});
app.use((error, _req, res, next) => {
  if (typeof error.code !== 'string' || error.headers === undefined) return next(error);
  res.status(error.status).set(error.headers).json({ code: error.code });
});

const server = app.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
// A connection may wait while the load generator is busy.
server.keepAliveTimeout = 0;

function sample() {
  globalThis.gc();
  globalThis.gc();
  const { heapUsed, rss, external } = process.memoryUsage();
  const taken = {
    heapMb: heapUsed / 1e6,
    rssMb: rss / 1e6,
    externalMb: external / 1e6,
    handles: process.getActiveResourcesInfo().length,
    delayP99Ms: delay.percentile(99) / 1e6,
    delayMaxMs: delay.max / 1e6,
  };
  delay.reset();
  return taken;
}

process.on('message', async ({ ask, value }) => {
  if (ask === 'sample') return process.send({ sample: sample() });
  if (ask === 'source') isSourceDown = value === 'down';
  if (ask === 'refresh') await verifier?.refresh().catch(() => {});
  process.send({ done: ask });
});
// Its parent has ended, however that came.
process.once('disconnect', () => process.exit());
// An interrupt at the terminal reaches the whole group: the parent says when to end.
process.on('SIGINT', () => {});

// An Express API in a process of its own, which a test can stop and let go on. Its legacy ids come from a Redis, or over HTTP.
import express from 'express';
import { createClient } from 'redis';
import { cutoverAuth } from '../../../dist/esm/middleware/express.js';
import { cached, createCutoverVerifier, guarded, storeResolver } from '../../../dist/esm/src/index.js';
import { createRedisStore } from '../../../dist/esm/src/stores/redis-stores.js';

const { redis, source, timeoutMs, ...options } = JSON.parse(process.argv[2]);
process.on('unhandledRejection', (error) => {
  process.stderr.write(`unhandled: ${error}\n`);
});

async function openStore() {
  if (redis === undefined) {
    const ask = async (sub) => {
      const answer = await fetch(`${source}/${sub}`);
      if (!answer.ok) throw new Error(`${answer.status}`);
      return answer.text();
    };
    return { get: ask };
  }
  const client = createClient({ url: redis, disableOfflineQueue: true });
  client.on('error', () => {});
  await client.connect();
  return createRedisStore({ client });
}

const resolve = cached(guarded(storeResolver(await openStore()), { timeoutMs, failuresToOpen: 1 }), { timeoutMs });
const verifier = createCutoverVerifier({ ...options, legacyId: { resolve, resolveTimeoutMs: timeoutMs } });
const app = express();
app.use(cutoverAuth({ verifier }));
app.get('/', (req, res) => res.json(req.auth.userId));
const server = app.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));

import { once } from 'node:events';
import { createCutoverVerifier } from 'cognito-cutover';

/** Each starts the same service on a framework of its own, and returns its port and how to stop it. */
const HOSTS = {
  express: () => import('./express.mjs'),
  fastify: () => import('./fastify.mjs'),
  hono: () => import('./hono.mjs'),
  koa: () => import('./koa.mjs'),
  nest: () => import('./nest.ts'),
};

const load = HOSTS[process.argv[2]];
if (load === undefined) {
  console.error(`Name a framework: npm start -- ${Object.keys(HOSTS).join('|')}`);
  process.exitCode = 1;
} else {
  await run(await load(), process.env);
}

async function run({ start }, env) {
  const asked = Promise.race(['SIGINT', 'SIGTERM'].map((signal) => once(process, signal)));
  const trial = env.NEW_USER_POOL_ID === undefined ? await startTrial() : undefined;
  const verifier = createCutoverVerifier({ ...(trial?.pools ?? poolsOf(env)), tokenUse: 'access' });
  const service = await start({ verifier, port: Number(env.PORT ?? 3000) });
  console.log(`Listening on http://localhost:${service.port}`);
  trial?.explain(`http://localhost:${service.port}`);
  await asked;
  await service.close(); // the requests under way are answered first
  verifier.close();
  await trial?.stop();
}

function poolsOf(env) {
  const pool = (side) => ({
    userPoolId: env[`${side}_USER_POOL_ID`],
    clientIds: env[`${side}_CLIENT_IDS`]?.split(','),
  });
  return { newPool: pool('NEW'), ...(env.LEGACY_USER_POOL_ID !== undefined && { legacyPool: pool('LEGACY') }) };
}

/** Two pools on this machine, where the environment names none. Leave it out of your own application. */
async function startTrial() {
  const { createTestPools } = await import('cognito-cutover/testing');
  const pools = await createTestPools();
  const explain = (address) => {
    const anna = pools.person();
    const scope = { scope: 'orders/read' };
    console.log(`curl -i ${address}/orders`);
    for (const token of [anna.legacy.accessToken(scope), anna.new.accessToken(scope)]) {
      console.log(`curl -i -H 'Authorization: Bearer ${token}' ${address}/orders`);
    }
  };
  return {
    pools: { legacyPool: pools.legacyPool.options, newPool: pools.newPool.options },
    explain,
    stop: () => pools.close(),
  };
}

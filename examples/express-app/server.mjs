import { once } from 'node:events';
import { createCutoverVerifier } from 'cognito-cutover';
import { createApp } from './app.mjs';
import { readConfig } from './config.mjs';

/** What has to be closed before this process can end, last started first. */
const endings = [];
const end = () => {
  for (const one of endings.splice(0).reverse()) one();
};

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, end);
try {
  await start(process.env);
} catch (error) {
  console.error(error.message);
  for (const each of error.errors ?? []) console.error(`- ${each.message}`);
  process.exitCode = 1;
  end();
}

/** @param {Readonly<Record<string, string | undefined>>} env */
async function start(env) {
  const config = readConfig(env);
  // If nothing is configured, this starts an emulator with two pools for trials. Leave it out of your own application.
  const trial = config === undefined ? await (await import('./trial.mjs')).startTrial() : undefined;
  if (trial !== undefined) endings.push(trial.stop);

  const verifier = createCutoverVerifier(config ?? trial.options);
  endings.push(() => verifier.close());
  for (const { userPoolId, ok, error } of await verifier.hydrate()) {
    if (!ok) console.error(`${userPoolId}: ${error.message} Its keys will be asked for again.`);
  }

  const sunset = config?.legacyTokens?.acceptUntil;
  const app = createApp({
    verifier,
    orders: trial?.orders ?? new Map(),
    entrance: trial?.entrance ?? { places: {} },
    ...(sunset !== undefined && { legacyTokenHeaders: { sunset } }),
  });
  const server = app.listen(Number(env.PORT ?? 3000), 'localhost');
  endings.push(() => {
    server.close();
    server.closeAllConnections();
  });
  await once(server, 'listening');

  const address = `http://localhost:${server.address().port}`;
  console.log(`Listening on ${address}`);
  trial?.explain(address);
}

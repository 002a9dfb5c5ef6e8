import { once } from 'node:events';
import { readConfig } from './config.mjs';
import { startService } from './service.mjs';

/** A signal during the start ends the process as soon as it has started. */
const asked = Promise.race(['SIGINT', 'SIGTERM'].map((signal) => once(process, signal)));
/** What has to be closed before this process can end, last started first. */
const endings = [];
try {
  await start(process.env);
  await asked;
} catch (error) {
  console.error(error.message);
  for (const each of error.errors ?? []) console.error(`- ${each.message}`);
  process.exitCode = 1;
} finally {
  for (const end of endings.reverse()) await end();
}

/** @param {Readonly<Record<string, string | undefined>>} env */
async function start(env) {
  const config = readConfig(env);
  // If nothing is configured, this starts an emulator with two pools for trials. Leave it out of your own application.
  const trial = config === undefined ? await (await import('./trial.mjs')).startTrial() : undefined;
  if (trial !== undefined) endings.push(trial.stop);

  const service = await startService(trial ?? { ...config, orders: new Map() }, env);
  endings.push(service.close);
  console.log(`Listening on ${service.address}`);
  if (service.metrics !== undefined) console.log(`Metrics at ${service.metrics}`);
  trial?.explain(service.address);
}

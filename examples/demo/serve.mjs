// What goes on after `npm run demo -- --serve`: the shop of examples/express-app with the pools of the demo, its metrics, and the
// dashboard, all on loopback, until Ctrl+C.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { addUser } from '../express-app/cognito-local.mjs';
import { startService } from '../express-app/service.mjs';
import { openShop, ordersOf } from '../express-app/trial.mjs';

/** How long the shop may stay on another phase than the file says. */
const POLL_SECONDS = '2';

/**
 * @param {{
 *   cognito: import('../express-app/cognito-local.mjs').CognitoLocal,
 *   directory: string, bin: string, asked: Promise<unknown>, anna: string,
 *   legacyPool: import('../express-app/cognito-local.mjs').LocalPool,
 *   newPool: import('../express-app/cognito-local.mjs').LocalPool,
 * }} demo `asked`: resolves when all of it has to end; `anna`: her legacy sub
 */
export async function serve({ cognito, directory, bin, asked, anna, legacyPool, newPool }) {
  const [state, drain, phases] = ['cutover.db', 'drain.ndjson', 'phases.json'].map((name) => join(directory, name));
  const bert = await addUser(cognito, legacyPool, 'bert');
  const shop = { ...(await openShop(cognito, legacyPool, newPool)), orders: ordersOf(anna, bert) };
  const { PORT = '0', METRICS_PORT = '0' } = process.env;
  const service = await startService(shop, {
    PORT,
    METRICS_PORT,
    DRAIN: drain,
    DRAIN_FLUSH_SECONDS: POLL_SECONDS,
    PHASES: phases,
    PHASES_POLL_SECONDS: POLL_SECONDS,
  });
  const dashboard = spawn(process.execPath, [bin, 'dashboard', '--state', state, '--from', drain, '--to', phases], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(dashboard, 'exit');
  try {
    const page = await Promise.race([addressOf(dashboard), ended.then(() => undefined)]);
    console.log(`Still running, until you press Ctrl+C:

  the shop        ${service.address}/
  its metrics     ${service.metrics}
  the dashboard   ${page ?? 'did not start'}

Sign in at the shop as Anna (in both pools), Bert (in the old one only) or Cleo (not mapped), and see the numbers move.
Signed in at the old pool, Anna can move her session to the new one without a password.
Then close the old pool, from another terminal in this folder, and open it again. The shop follows within ${POLL_SECONDS} s:

  npx cognito-cutover phase set --to ${phases} --accept-until now --yes
  npx cognito-cutover phase set --to ${phases} --accept-until never --yes
  npx cognito-cutover drain --from ${drain}
`);
    await asked;
  } finally {
    // What it says about its end is not of interest now.
    dashboard.stderr.unpipe(process.stderr).resume();
    dashboard.kill();
    await Promise.all([ended, service.close()]);
  }
}

/** The address that the dashboard prints once it listens. */
async function addressOf({ stdout, stderr }) {
  stderr.pipe(process.stderr);
  for await (const line of createInterface(stdout)) {
    const [address] = /https?:\/\/\S+/.exec(line) ?? [];
    if (address === undefined) continue;
    stdout.resume();
    return address;
  }
  return undefined;
}

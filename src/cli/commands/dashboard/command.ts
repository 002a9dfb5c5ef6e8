import { anyOf } from '../../../migrate/calls/signals.js';
import { type CommandResult, defineCommand } from '../../define-command.js';
import { defined, STATE_OPTIONS } from '../../options/common.js';
import { numberOption, withDefault } from '../../options/option.js';
import { createDashboard } from './dashboard.js';
import { listenOnLoopback } from './loopback.js';
import { STORE_OPTIONS, storeReaders } from './store-readers.js';

export const dashboardCommand = defineCommand({
  name: 'dashboard',
  stage: 'serving',
  summary: 'show all of this on a live page, on this machine only',
  description:
    'Serves a live page to this machine only: the progress of the backfill, the users who need a person, the traffic of each pool and app client, the phase, and whether the legacy pool can go. It changes nothing, and works beside running commands. It serves until it is interrupted.',
  examples: [
    'cognito-cutover dashboard',
    'cognito-cutover dashboard --from rediss://cache.example.com:6379 --to rediss://cache.example.com:6379',
    'cognito-cutover dashboard --state cutover.db --port 8080 --json',
  ],
  options: {
    ...STATE_OPTIONS,
    ...STORE_OPTIONS,
    port: withDefault(
      numberOption('<number>', 'port to serve on; 0: any that is free', { min: 0, max: 65_535, integer: true }),
      0,
    ),
  },
  run: async (settings, context): Promise<CommandResult> => {
    const { stdout, signal, hangUp, colours, clock, again } = context;
    const { state, from, to, port } = settings;
    const stores = storeReaders(settings, clock);
    const names = { state, ...defined({ drain: from?.map(({ name }) => name).join(', '), phase: to?.name }) };
    const dashboard = createDashboard({ settings, stores, names, again, clock });
    const server = await listenOnLoopback(port, dashboard.listener);
    // Whoever opens the address at once sees the numbers at once.
    await dashboard.prepare();
    const address = `http://127.0.0.1:${server.port}${dashboard.path}`;
    const json = { address, state, from: from?.map(({ name }) => name) ?? null, to: to?.name ?? null };
    // The address is the result, and people and scripts need it while the command runs.
    stdout.write(
      context.given('json')
        ? `${JSON.stringify(json)}\n`
        : `${colours.bold('Dashboard:')} ${address}\nOnly this machine can open it, and only with this address. Stop it with Ctrl-C.\n`,
    );
    const stop = anyOf(signal, stdout.isTTY === true ? hangUp : undefined);
    if (!stop.aborted) await new Promise((resolve) => stop.addEventListener('abort', resolve, { once: true }));
    dashboard.close();
    server.close();
    return { json, attention: false, summary: [], isPrinted: true };
  },
});

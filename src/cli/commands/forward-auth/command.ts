import { anyOf } from '../../../migrate/calls/signals.js';
import { type CommandContext, type CommandResult, defineCommand } from '../../define-command.js';
import { type AuthServer, isLoopback, listen } from './auth-server.js';
import { FORWARD_AUTH_OPTIONS, graceOf } from './forward-auth-options.js';
import { openService, type Service } from './service.js';

export const forwardAuthCommand = defineCommand({
  name: 'forward-auth',
  stage: 'serving',
  summary: 'decide for nginx, Traefik, Caddy or Envoy who a token belongs to',
  description:
    'Serves decisions about tokens of both pools to a proxy: nginx auth_request, Traefik ForwardAuth, Caddy forward_auth, Envoy ext_authz. GET /auth with the Authorization header of a request answers 200 with X-Auth-User-Id and other headers, or 400, 401, 403 or 503. The proxy must drop these headers where clients send them: docs/forward-auth.md. /healthz, /readyz and /metrics are for operations. The config file takes every option of a verifier; changes of it need a restart. It serves until it is interrupted.',
  examples: [
    'cognito-cutover forward-auth --legacy-pool eu-west-1_Old --legacy-clients 3n4b5urk1ft4fl3mg5e62d9ado --new-pool eu-west-1_New --new-clients 6kqh0j3nm4bs8ifv0gqm1n7pcb --token-use access',
    'cognito-cutover forward-auth --config forward-auth.json --port 9000',
  ],
  options: FORWARD_AUTH_OPTIONS,
  run: async (settings, context): Promise<CommandResult> => {
    const { listen: host, port, mode } = settings;
    const { stdout, screen, clock } = context;
    if (!isLoopback(host)) {
      screen.note(
        `warning: whoever reaches ${host} can ask for decisions and read the metrics. Let nobody but your proxy reach it.`,
      );
    }
    if (mode === 'observe') screen.note('warning: mode is observe: every request is let through, as nobody.');
    const service = await openService(settings, context);
    let server: AuthServer | undefined;
    try {
      server = await listen({ host, port, clock }, service.endpoints.listener);
      await service.count(server.port);
    } catch (error) {
      await server?.close();
      await service.close();
      throw error;
    }
    const address = `http://${host.includes(':') ? `[${host}]` : host}:${server.port}/auth`;
    const json = { address };
    // The address is the result, and scripts need it while the command runs.
    stdout.write(context.given('json') ? `${JSON.stringify(json)}\n` : `Decisions: ${address}\n`);
    await untilStopped(context);
    await end(service, server, graceOf(settings), context);
    return { json, attention: false, summary: [], isPrinted: true };
  },
});

async function untilStopped({ signal, hangUp, stdout }: CommandContext): Promise<void> {
  const stop = anyOf(signal, stdout.isTTY === true ? hangUp : undefined);
  if (!stop.aborted) await new Promise((resolve) => stop.addEventListener('abort', resolve, { once: true }));
}

/** Proxies that are busy use a connection again sooner. */
const LINGER_MS = 1_000;

/**
 * Load balancers see that it is not ready, and send nothing more; what they sent is answered. A proxy that does not look has its connections
 * answered for the last time once the port is closed: it goes elsewhere with the next request, and none is lost.
 */
async function end(service: Service, server: AuthServer, graceMs: number, { clock }: CommandContext): Promise<void> {
  service.endpoints.end();
  await clock.sleep(graceMs);
  await server.close(Math.min(graceMs, LINGER_MS), () => service.endpoints.closeConnections());
  await service.close();
}

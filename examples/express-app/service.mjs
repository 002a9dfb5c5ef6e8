import { once } from 'node:events';
import { createCutoverVerifier } from 'cognito-cutover';
import { createApp } from './app.mjs';
import { readNumber } from './config.mjs';
import { startOperations } from './operations.mjs';

/**
 * Starts the service: what watches it, the verifier, and then the port. `close()` ends all of it, last started first, so that
 * nothing is counted after the counter has written its last line.
 *
 * @param {{
 *   options: import('cognito-cutover').VerifierOptions,
 *   entrance: import('./shop/pages.mjs').Entrance,
 *   orders: Map<string, string[]>,
 * }} shop
 * @param {Readonly<Record<string, string | undefined>>} env
 */
export async function startService({ options, entrance, orders }, env) {
  const port = readNumber(env, 'PORT', 3000);
  const endings = [];
  const close = async () => {
    for (const end of endings.splice(0).reverse()) await end();
  };
  try {
    const { phases, metrics } = await startOperations(env, endings);
    if (phases !== undefined && options.legacyTokens !== undefined) {
      throw new Error('Set LEGACY_ACCEPT_UNTIL or PHASES, not both: PHASES says when the legacy pool closes.');
    }
    const verifier = createCutoverVerifier({ ...options, ...(phases !== undefined && { legacyTokens: phases }) });
    endings.push(() => verifier.close());
    for (const { userPoolId, ok, error } of await verifier.hydrate()) {
      if (!ok) console.error(`${userPoolId}: ${error.message} Its keys will be asked for again.`);
    }

    const sunset = options.legacyTokens?.acceptUntil;
    const app = createApp({
      verifier,
      orders,
      entrance,
      ...(sunset !== undefined && { legacyTokenHeaders: { sunset } }),
    });
    const server = app.listen(port, 'localhost');
    endings.push(() => {
      // Requests in progress may finish.
      setTimeout(() => server.closeAllConnections(), 2_000).unref();
      return new Promise((resolve) => server.close(resolve));
    });
    await once(server, 'listening');
    return { address: `http://localhost:${server.address().port}`, metrics, close };
  } catch (error) {
    await close();
    throw error;
  }
}

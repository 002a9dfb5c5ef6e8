import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Request } from 'express';
import { type Readiness, type ReadinessOptions, readinessCheck } from '../src/operate/readiness.js';
import { checkFunction } from '../src/options.js';
import { disregard } from '../src/thenable.js';
import { checkCalled } from './core/uncalled.js';

/** Options of the route for readiness. */
export interface ReadinessRouteOptions extends ReadinessOptions {
  /**
   * Whether this caller may see the state of each pool. Anything but `true`, and an exception, is no. Behind a proxy `req.ip` is the
   * proxy's address, unless Express is told which proxies to trust.
   * @defaultValue nobody may: the answer is `{ "ready": true }` or `{ "ready": false }`
   */
  readonly showDetails?: (req: Request) => boolean;
}

/** A handler of Express, and of Node's own HTTP server. */
export interface ReadinessRoute {
  (req: IncomingMessage, res: ServerResponse): Promise<void>;
  /** The same answer as a value, with all details. */
  check(): Promise<Readiness>;
}

/** Of a verifier that cannot even tell its state. */
const UNKNOWN: Readiness = { ready: false, degraded: true, pools: [] };

/**
 * A route that answers 200 while this service can verify the tokens of at least one pool, and 503 while it can verify none. The rule is
 * that of `checkReadiness`.
 *
 * @example
 * app.get('/readyz', readiness({ verifier }));
 *
 * @throws {@link ConfigurationError} when an option is wrong
 */
export function readiness(options: ReadinessRouteOptions): ReadinessRoute;
export function readiness(options: ReadinessRouteOptions, ...more: readonly unknown[]): ReadinessRoute {
  checkCalled('readiness', "app.get('/readyz', readiness({ verifier }))", [options, ...more]);
  const { showDetails, ...others } = options;
  checkFunction('showDetails', showDetails);
  const check = readinessCheck(others);
  const route = async (req: IncomingMessage, res: ServerResponse) => {
    const found = await check().catch(() => UNKNOWN);
    // A time limit of the application may have answered.
    if (res.headersSent) return;
    const body = isShown(showDetails, req as Request) ? found : { ready: found.ready };
    res.statusCode = found.ready ? 200 : 503;
    res.setHeader('Cache-Control', 'no-store');
    res.setHeader('Content-Type', 'application/json; charset=utf-8');
    res.end(JSON.stringify(body));
  };
  return Object.assign(route, { check });
}

function isShown(showDetails: ReadinessRouteOptions['showDetails'], req: Request): boolean {
  try {
    const answer: unknown = showDetails?.(req);
    disregard(answer);
    return answer === true;
  } catch {
    return false;
  }
}

export { bearerToken, type RequestHeaders } from '../src/http/bearer.js';
export { type CutoverHttpError, refusalHeaders } from '../src/http/challenge.js';
export { type CutoverAuthOptions, cutoverAuth } from './cutover-auth.js';
export type { CutoverDecision } from './decided.js';
export { getAuth } from './get-auth.js';
export { requireAnyGroup, requireAnyScope, requireGroup, requireScope, requireUser } from './guards.js';
export type { LegacyTokenHeaders } from './legacy-token-headers.js';
export { type ReadinessRoute, type ReadinessRouteOptions, readiness } from './readiness-route.js';

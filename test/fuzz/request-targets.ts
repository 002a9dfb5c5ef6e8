import type { FuzzTarget } from './fuzz-target.js';
import { compositions } from './request/compositions.js';
import { metricsEvents } from './request/exposition/metrics-events.js';
import { httpRequests } from './request/http-requests.js';
import { jwksAnswers } from './request/jwks-answers.js';
import { lambdaEvents } from './request/lambda-events.js';
import { forwardAuth } from './request/proxied/forward-auth.js';
import { severalPools } from './request/several-pools.js';
import { storeValues } from './request/store-values.js';
import { tokens } from './request/tokens.js';
import { verifierOptions } from './request/verifier-options.js';

/** What a server is given by strangers, and by the services that it asks. */
export const REQUEST_TARGETS: readonly FuzzTarget[] = [
  tokens,
  severalPools,
  httpRequests,
  forwardAuth,
  compositions,
  jwksAnswers,
  verifierOptions,
  storeValues,
  lambdaEvents,
  metricsEvents,
];

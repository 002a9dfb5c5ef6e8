import type { FuzzTarget } from './fuzz-target.js';
import { compositions } from './request/compositions.js';
import { httpRequests } from './request/http-requests.js';
import { jwksAnswers } from './request/jwks-answers.js';
import { lambdaEvents } from './request/lambda-events.js';
import { storeValues } from './request/store-values.js';
import { tokens } from './request/tokens.js';
import { verifierOptions } from './request/verifier-options.js';

/** What a server is given by strangers, and by the services that it asks. */
export const REQUEST_TARGETS: readonly FuzzTarget[] = [
  tokens,
  httpRequests,
  compositions,
  jwksAnswers,
  verifierOptions,
  storeValues,
  lambdaEvents,
];

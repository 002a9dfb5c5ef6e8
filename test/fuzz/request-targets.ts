import type { FuzzTarget } from './fuzz-target.js';
import { compositions } from './request/compositions.js';
import { jwksAnswers } from './request/jwks-answers.js';
import { tokens } from './request/tokens.js';

/** What a server is given by strangers, and by the services that it asks. */
export const REQUEST_TARGETS: readonly FuzzTarget[] = [tokens, compositions, jwksAnswers];

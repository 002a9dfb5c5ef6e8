import type { FuzzTarget } from './fuzz-target.js';

/** What a server is given by strangers, and by the services that it asks. */
export const REQUEST_TARGETS: readonly FuzzTarget[] = [];

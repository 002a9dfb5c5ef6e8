import { choiceBased } from './choice-based.js';
import { consumer } from './consumer.js';
import { halfDone } from './half-done.js';
import { noLists } from './no-lists.js';
import type { PoolPair } from './pool-pair.js';
import { samlOnly } from './saml-only.js';
import { totpRequired } from './totp-required.js';

export const POOL_PAIRS: readonly PoolPair[] = [samlOnly, consumer, totpRequired, noLists, halfDone, choiceBased];

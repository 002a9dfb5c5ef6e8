import type { DrainRules } from './drain-model.js';
import type { Following } from './model.js';
import type { Lifetimes } from './people.js';

/** A cutover of weeks in a minute and a half: everything that takes hours or days takes seconds. */
export const LIFETIMES: Lifetimes = { tokenSeconds: 6, refreshSeconds: 9 };

/** What the API processes are told. */
export const API_SECONDS = {
  pollSeconds: 1,
  flushSeconds: 1.5,
  missingTtlSeconds: 1,
  breakerSeconds: 1,
  refreshSeconds: 3,
};

/** What a busy machine may add to any delay. */
const SLACK_MS = 2_000;

export const FOLLOWING: Following = {
  planMs: API_SECONDS.pollSeconds * 1000 + SLACK_MS,
  mappingMs: API_SECONDS.missingTtlSeconds * 1000 + SLACK_MS,
  recoveryMs: API_SECONDS.breakerSeconds * 1000 + SLACK_MS,
};

/** Refresh tokens live longer than the tokens that they renew, so they are what has to be waited for. */
export const DRAIN: DrainRules = {
  unseenMs: LIFETIMES.tokenSeconds * 1000,
  windowMs: LIFETIMES.refreshSeconds * 1000,
  flushMs: API_SECONDS.flushSeconds * 1000,
  silentMs: 3 * API_SECONDS.flushSeconds * 1000,
  slackMs: SLACK_MS,
};

/** After it, a killed instance is surely missed. */
export const MISSED_SECONDS = (DRAIN.silentMs + DRAIN.slackMs) / 1000 + 0.5;

/** After it, every instance surely knows the keys that a pool has changed to. */
export const KNOWN_KEYS_SECONDS = API_SECONDS.refreshSeconds + 1;

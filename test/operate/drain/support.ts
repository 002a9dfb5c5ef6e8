import { channel } from 'node:diagnostics_channel';
import type { DrainInstance, DrainRecord } from '../../../src/operate/drain/drain-types.js';
import { CHANNELS, type DecisionEvent, SUB } from '../../../src/operate/events.js';

export const LEGACY_POOL = 'eu-west-1_Legacy000';
export const NEW_POOL = 'eu-west-1_New000000';

/** A decision as a verifier publishes it: by default an accepted legacy token of somebody, valid for an hour from `at`. */
export function accepted(
  at: number,
  { sub = 'somebody', ...more }: Partial<DecisionEvent> & { readonly sub?: string } = {},
): DecisionEvent {
  return {
    type: 'accepted',
    outcome: 'accepted',
    pool: 'legacy',
    userPoolId: more.pool === 'new' ? NEW_POOL : LEGACY_POOL,
    clientId: 'web',
    tokenUse: 'access',
    kind: 'user',
    durationMs: 0,
    expiresAt: Math.floor(at / 1000) + 3600,
    [SUB]: sub,
    ...more,
  };
}

export const publish = (event: DecisionEvent): void => channel(CHANNELS.decision).publish(event);

/** The run `r1` of `api-1`, by default. */
export const runOf = (
  more: Partial<DrainInstance> & Pick<DrainInstance, 'startedAt' | 'reportedAt'>,
): DrainInstance => ({
  instance: 'api-1',
  run: 'r1',
  flushSeconds: 60,
  legacy: [],
  ...more,
});

/** A record of legacy tokens of the client `web`, by default. */
export const recordOf = (more: Partial<DrainRecord> = {}): DrainRecord => ({
  instance: 'api-1',
  run: 'r1',
  userPoolId: LEGACY_POOL,
  pool: 'legacy',
  day: '2026-01-15',
  tokens: 0,
  users: '',
  hours: [],
  clients: [],
  ...more,
});

import {
  type HandoverOptions,
  type HandoverResult,
  type HandoverSettings,
  type NewSession,
  readHandoverOptions,
} from './app-options.js';
import { carrying, HandoverError } from './handover-error.js';
import { bounded, shared } from './in-flight.js';
import { LegacySession } from './legacy-session.js';
import { answerChallenge, askForChallenge } from './new-session.js';

export { ConfigurationError } from '../errors.js';
export type {
  HandoverFetch,
  HandoverOptions,
  HandoverPool,
  HandoverRequest,
  HandoverResult,
  LegacyTokens,
  NewSession,
} from './app-options.js';
export { HandoverError, type HandoverErrorCode } from './handover-error.js';

/**
 * Exchanges a session of the legacy user pool for one of the new pool, so that its user need not sign in again. For apps and pages: uses
 * nothing but `fetch`, and no AWS credentials.
 *
 * The new pool needs the triggers of `createSessionHandover`, and its app client `ALLOW_CUSTOM_AUTH`. Call it once when the app starts,
 * and keep the legacy tokens until the new ones are stored. Calls with the same session at the same moment share one exchange, with the
 * callbacks and the time limit of the first of them; other tabs, processes and devices do not know of it.
 *
 * @example
 * const session = await handOver({
 *   newPool: { region: 'eu-west-1', clientId: '4a8f…' },
 *   legacyPool: { region: 'eu-west-1', clientId: '7hk2…' },
 *   username: 'anna@example.com',
 *   legacySession: { accessToken, refreshToken },
 *   onLegacyTokens: (tokens) => storage.saveLegacy(tokens),
 *   onNewSession: (tokens) => storage.save(tokens),
 *   revoke: true,
 * });
 *
 * @throws ConfigurationError for a wrong option
 * @throws HandoverError with one of five codes. After `ERR_HANDOVER_UNAVAILABLE` the legacy session still works and the call can be
 *   made again.
 * @see docs/session-handover.md
 * @see https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-challenge.html
 */
export async function handOver(options: HandoverOptions): Promise<HandoverResult> {
  const settings = readHandoverOptions(options);
  const { newPool, legacyPool, username, accessToken, refreshToken, revoke, signal } = settings;
  // A refresh token is the session, whichever access token comes with it: a rotated one is good once.
  const session = legacyPool === undefined ? accessToken : (refreshToken ?? accessToken);
  const key = JSON.stringify([newPool, legacyPool, username, session, revoke]);
  return shared(key, signal, (ending) => exchange(settings, ending));
}

/** How long the new session may be kept waiting for the end of the old one. */
const REVOKE_TIMEOUT_MS = 5_000;

async function exchange(settings: HandoverSettings, ending: AbortSignal): Promise<HandoverResult> {
  let legacy: LegacySession | undefined;
  let session: NewSession;
  try {
    session = await bounded(settings.timeoutMs, ending, async (signal) => {
      legacy = new LegacySession(settings, signal);
      const given = await inTwoRounds(settings, legacy, signal);
      // After an abort or a timeout the caller has been told that there is no session.
      if (!signal.aborted) await stored(settings, given);
      return given;
    });
  } catch (error) {
    throw error instanceof HandoverError ? carrying(error, legacy?.tokens) : error;
  }
  const revoked = settings.revoke && (await revoke(legacy, ending));
  const tokens = revoked ? undefined : legacy?.tokens;
  return { ...session, revoked, ...(tokens !== undefined && { legacyTokens: tokens }) };
}

/**
 * The new pool is asked before anything is done with the legacy session: while the hand-over is switched off, no refresh token is used
 * up. The clock of a device may be wrong, so a token that it takes for valid is refreshed too when it is refused, once.
 */
async function inTwoRounds(
  settings: HandoverSettings,
  legacy: LegacySession,
  signal: AbortSignal,
): Promise<NewSession> {
  let challenge = await askForChallenge(settings, signal);
  if (legacy.endsSoon && legacy.canRefresh) await legacy.refresh();
  try {
    return await answerChallenge(settings, challenge, legacy.accessToken(), signal);
  } catch (error) {
    if (!(error instanceof HandoverError) || error.code !== 'ERR_HANDOVER_REFUSED') throw error;
    if (!legacy.canRefresh) {
      if (!legacy.isOver) throw error;
      const detail = 'its access token has expired and cannot be refreshed';
      throw new HandoverError('ERR_LEGACY_SESSION_ENDED', { detail, cause: error });
    }
    await legacy.refresh();
  }
  challenge = await askForChallenge(settings, signal);
  return answerChallenge(settings, challenge, legacy.accessToken(), signal);
}

async function stored({ onNewSession }: HandoverSettings, session: NewSession): Promise<void> {
  try {
    await onNewSession?.(session);
  } catch (cause) {
    throw new HandoverError('ERR_HANDOVER_UNAVAILABLE', { detail: 'onNewSession failed', cause });
  }
}

const revoke = (legacy: LegacySession | undefined, ending: AbortSignal) =>
  bounded(REVOKE_TIMEOUT_MS, ending, async (signal) => (await legacy?.revoke(signal)) === true).catch(() => false);

import type { UserDirectoryOptions } from '../../../directory/command-line/user-directory.js';
import { DEFAULT_SESSIONS_RPS } from '../../../migrate/calls/quotas.js';
import { asMigrationError, interruptedOr } from '../../../migrate/calls/repeated.js';
import { MigrationError } from '../../../migrate/migration-error.js';
import { activityWindowMs, type PoolActivity } from '../../../operate/drain/report/aws-activity.js';
import type { PoolSessions } from '../../../operate/drain/report/live-sessions.js';
import type { CommandContext } from '../../define-command.js';
import type { Settings } from '../../options/option.js';
import type { AskAbout } from '../confirm.js';
import type { DRAIN_OPTIONS } from './drain-options.js';
import { type LegacyClient, readLegacyClients } from './legacy-clients.js';
import { readCloudWatch } from './read-cloudwatch.js';
import { readSessions } from './read-sessions.js';

export type DrainSettings = Settings<typeof DRAIN_OPTIONS>;

/** What AWS knows of one legacy pool. What was not asked, or could not be read, is `undefined`. */
export interface PoolEvidence {
  readonly clients: readonly LegacyClient[] | undefined;
  readonly activity: PoolActivity | undefined;
  readonly sessions: PoolSessions | undefined;
  /** What could not be read, and why, a sentence each. */
  readonly troubles: readonly string[];
}

/** How far back AWS is asked if it is not known how long refresh tokens live: Cognito's default. */
const USUAL_REFRESH_SECONDS = 30 * 86_400;

/** @throws ConfigurationError; MigrationError after an interruption */
export async function readPoolEvidence(
  pool: UserDirectoryOptions,
  settings: DrainSettings,
  ask: AskAbout,
  context: CommandContext,
): Promise<PoolEvidence> {
  const { signal } = context;
  const { refreshLifetime, cloudwatch, sessions, sessionsRps: rps = DEFAULT_SESSIONS_RPS } = settings;
  const troubles: string[] = [];

  const attempt = async <T>(what: string, read: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await read();
    } catch (thrown) {
      if (signal.aborted) throw interruptedOr(thrown, signal, 'Nothing was changed. Run the same command again.');
      const error = asMigrationError(thrown);
      if (!(error instanceof MigrationError)) throw error;
      troubles.push(troubleOf(`${what} of ${pool.userPoolId}`, error));
      return undefined;
    }
  };

  const clients =
    cloudwatch || refreshLifetime === undefined
      ? await attempt('The app clients', () => readLegacyClients(pool, context))
      : undefined;
  const refreshSeconds =
    refreshLifetime === undefined ? (longestRefresh(clients) ?? USUAL_REFRESH_SECONDS) : refreshLifetime / 1000;
  const readActivity = (ids: readonly string[]) =>
    attempt('What CloudWatch counted', () => readCloudWatch(pool, ids, activityWindowMs(refreshSeconds), context));
  // Without the clients it is not known whose metrics to read, and that is a trouble already.
  const activity =
    cloudwatch && clients !== undefined ? await readActivity(clients.map(({ clientId }) => clientId)) : undefined;
  const before = troubles.length;
  const live = sessions
    ? await attempt('The live sessions', () => readSessions(pool, { rps, ask }, context))
    : undefined;
  if (sessions && live === undefined && troubles.length === before) {
    troubles.push(`Nobody was asked about the live sessions of ${pool.userPoolId}. Leave out --sessions, or say yes.`);
  }
  return { clients, activity, sessions: live, troubles };
}

/** In seconds; `undefined` if the clients could not be read. A pool without app clients gives no refresh tokens. */
export const longestRefresh = (clients: readonly LegacyClient[] | undefined): number | undefined =>
  clients && Math.max(0, ...clients.map(({ refreshTokenSeconds }) => refreshTokenSeconds));

function troubleOf(what: string, { code, message, fix }: MigrationError): string {
  // What a run would say of its progress means nothing here.
  const advice = fix === undefined || code === 'ERR_UNAVAILABLE' ? 'Run the command again.' : fix;
  return `${what} cannot be read: ${message}. ${advice}`;
}

import { counted } from '../../../words.js';

/** The live sessions of an app client, as far as users were asked about. */
export interface ClientSessions {
  readonly clientId: string;
  readonly sessions: number;
  /** The last refresh or sign-in among them, ISO 8601. */
  readonly lastActiveAt: string | null;
}

/** The live sessions of a legacy pool. */
export interface PoolSessions {
  readonly userPoolId: string;
  /** Whether the pool tracks sessions. */
  readonly tracked: boolean;
  /** How many users were asked about, and how many of them have sessions. */
  readonly users: number;
  readonly usersWithSessions: number;
  /** Whether every user was asked about: the rest is not asked about once enough is known. */
  readonly complete: boolean;
  /** The clients with the most sessions first. */
  readonly clients: readonly ClientSessions[];
}

/** What the live sessions say against closing the pool. */
export function sessionReasons(pool: PoolSessions): string[] {
  const { userPoolId, tracked, usersWithSessions, complete, clients } = pool;
  if (!tracked) {
    return [
      `The sessions of ${userPoolId} cannot be listed, because the pool does not track sessions. Leave out --sessions: the time without tokens is the proof.`,
    ];
  }
  if (usersWithSessions === 0) return [];
  const users = `${complete ? '' : 'At least '}${counted(usersWithSessions, 'user')}`;
  const where = clients.map(({ clientId, sessions }) => `${counted(sessions, 'session')} of ${clientId}`).join(', ');
  return [
    `${users} of ${userPoolId} ${usersWithSessions === 1 && complete ? 'has' : 'have'} live sessions (${where}), with which they can get new tokens.`,
  ];
}

import { createUserDirectory, type UserDirectoryOptions } from '../../../directory/command-line/user-directory.js';
import { createSessionReader, type UserSession } from '../../../directory/command-line/user-sessions.js';
import { items, pages } from '../../../directory/pages.js';
import { DirectoryError, type DirectoryUser } from '../../../directory/user-types.js';
import { Crew } from '../../../migrate/calls/crew.js';
import { Pace } from '../../../migrate/calls/pace.js';
import { DEFAULT_READ_RPS, SETTINGS_RPS } from '../../../migrate/calls/quotas.js';
import { repeated } from '../../../migrate/calls/repeated.js';
import type { ClientSessions, PoolSessions } from '../../../operate/drain/report/live-sessions.js';
import { formatCount } from '../../../words.js';
import type { CommandContext } from '../../define-command.js';
import { formatDuration } from '../../terminal/format.js';
import type { AskAbout } from '../confirm.js';

/** The pool is in use: to know exactly how much would take hours. */
const ENOUGH_USERS = 100;

const WORKERS = 8;

/**
 * The live sessions of a legacy pool's users, each asked about in turn, until a hundred users with sessions are found.
 * @returns `undefined` if the answer to `ask` is no
 */
export async function readSessions(
  options: UserDirectoryOptions,
  { rps, ask }: { readonly rps: number; readonly ask: AskAbout },
  { clock, signal, patience, screen }: CommandContext,
): Promise<PoolSessions | undefined> {
  const { userPoolId } = options;
  const directory = createUserDirectory({ ...options, side: 'legacy' });
  const reader = createSessionReader({ ...options, side: 'legacy' });
  const sender = (perSecond: number) => {
    const pace = new Pace(perSecond, clock);
    return <T>(call: () => Promise<T>) => repeated(call, { clock, pace, signal, patience });
  };
  const [describe, list, look] = [sender(SETTINGS_RPS), sender(DEFAULT_READ_RPS), sender(rps)];
  const found = new Map<string, { sessions: number; lastActiveAt: number }>();
  let [users, usersWithSessions] = [0, 0];

  const note = (sessions: readonly UserSession[]) => {
    users += 1;
    if (sessions.length > 0) usersWithSessions += 1;
    for (const { clientId = 'unknown', lastActiveAt } of sessions) {
      const before = found.get(clientId) ?? { sessions: 0, lastActiveAt: 0 };
      const latest = Math.max(before.lastActiveAt, lastActiveAt?.getTime() ?? 0);
      found.set(clientId, { sessions: before.sessions + 1, lastActiveAt: latest });
    }
  };
  const sessionsOf = async ({ username }: DirectoryUser, stop: AbortSignal): Promise<UserSession[]> => {
    const sessions: UserSession[] = [];
    const page = (token?: string) => look(() => reader.sessionsOf(username, token, stop));
    try {
      for await (const session of items(reader, page)) sessions.push(session);
    } catch (error) {
      // Deleted since they were listed: they have no sessions any more.
      if (!(error instanceof DirectoryError && error.kind === 'user-not-found')) throw error;
    }
    return sessions;
  };

  try {
    if (!(await describe(() => reader.isTracked(signal)))) {
      return { userPoolId, tracked: false, users, usersWithSessions, complete: false, clients: [] };
    }
    const { estimatedUsers } = await describe(() => directory.describePool(signal));
    const estimate = estimateLines(userPoolId, estimatedUsers, rps);
    if (!(await ask(estimate, 'Ask Cognito about them?'))) return undefined;
    let complete = true;
    for await (const page of pages(directory, (token) => list(() => directory.listUsers({ ...from(token), signal })))) {
      const crew = new Crew(signal);
      await crew.each(WORKERS, page.users, async (user) => note(await sessionsOf(user, crew.signal)));
      const total =
        estimatedUsers === undefined ? {} : { done: Math.min(users, estimatedUsers), total: estimatedUsers };
      screen.progress({ type: 'step', what: `Asking for the sessions of ${userPoolId}`, ...total });
      complete = usersWithSessions < ENOUGH_USERS || page.nextToken === undefined;
      if (!complete) break;
    }
    return { userPoolId, tracked: true, users, usersWithSessions, complete, clients: byClient(found) };
  } finally {
    reader.close();
    directory.close();
  }
}

const from = (token: string | undefined) => (token === undefined ? {} : { token });

function estimateLines(userPoolId: string, users: number | undefined, rps: number): readonly string[] {
  const many = users === undefined ? 'every user' : `about ${formatCount(users)} users`;
  const long = users === undefined ? '' : `, ${formatDuration(users / rps)} at ${rps} calls per second`;
  return [
    `${userPoolId}: asks Cognito about the sessions of ${many}${long}; stops at ${ENOUGH_USERS} users with sessions.`,
    'AWS does not say whether this makes the users monthly active, which costs money.',
  ];
}

function byClient(found: ReadonlyMap<string, { sessions: number; lastActiveAt: number }>): readonly ClientSessions[] {
  return [...found]
    .map(([clientId, { sessions, lastActiveAt }]) => ({
      clientId,
      sessions,
      lastActiveAt: lastActiveAt === 0 ? null : new Date(lastActiveAt).toISOString(),
    }))
    .toSorted((one, other) => other.sessions - one.sessions);
}

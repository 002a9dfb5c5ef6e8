import { toClient } from '../../../assess/reading/translate.js';
import { createPoolReader } from '../../../directory/command-line/pool-reader.js';
import type { UserDirectoryOptions } from '../../../directory/command-line/user-directory.js';
import { items } from '../../../directory/pages.js';
import { Pace } from '../../../migrate/calls/pace.js';
import { SETTINGS_RPS } from '../../../migrate/calls/quotas.js';
import { repeated } from '../../../migrate/calls/repeated.js';
import type { CommandContext } from '../../define-command.js';

/** An app client of a legacy pool. */
export interface LegacyClient {
  readonly clientId: string;
  readonly refreshTokenSeconds: number;
}

/** The app clients of a legacy pool, and how long the refresh tokens live that they get. */
export async function readLegacyClients(
  options: UserDirectoryOptions,
  { clock, signal, patience, screen }: CommandContext,
): Promise<readonly LegacyClient[]> {
  const reader = createPoolReader({ ...options, side: 'legacy' });
  const pace = new Pace(SETTINGS_RPS, clock);
  const send = <T>(call: () => Promise<T>) => repeated(call, { clock, pace, signal, patience });
  try {
    screen.progress({ type: 'step', what: `Reading the app clients of ${options.userPoolId}` });
    const clients: LegacyClient[] = [];
    for await (const id of items(reader, (token) => send(() => reader.listClientIds(token, signal)))) {
      const client = await send(() => reader.describeClient(id, signal));
      // Deleted since it was listed: nobody gets tokens from it any more.
      if (client === undefined) continue;
      clients.push({ clientId: id, refreshTokenSeconds: toClient(client).refreshTokenSeconds });
    }
    return clients;
  } finally {
    reader.close();
  }
}

/** The identity providers of a legacy pool. Cognito counts sign-ins through each of them apart. */
export async function readLegacyProviders(
  options: UserDirectoryOptions,
  { clock, signal, patience }: CommandContext,
): Promise<readonly string[]> {
  const reader = createPoolReader({ ...options, side: 'legacy' });
  const pace = new Pace(SETTINGS_RPS, clock);
  const list = (token: string | undefined) =>
    repeated(() => reader.listProviderNames(token, signal), { clock, pace, signal, patience });
  try {
    const names: string[] = [];
    for await (const name of items(reader, list)) names.push(name);
    return names;
  } finally {
    reader.close();
  }
}

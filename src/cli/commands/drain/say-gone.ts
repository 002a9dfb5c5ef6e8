import { ConfigurationError } from '../../../errors.js';
import { MigrationError } from '../../../migrate/migration-error.js';
import type { DrainInstance, DrainStore } from '../../../operate/drain/drain-types.js';
import { isDrainInstance } from '../../../operate/drain/report/stored-values.js';
import { listed } from '../../../words.js';
import type { CommandContext } from '../../define-command.js';
import { formatAgo, formatTime, visible } from '../../terminal/format.js';
import type { AskAbout } from '../confirm.js';

/** Instances that have ended. */
export interface Gone {
  readonly names: readonly string[];
  /** When at the latest, milliseconds since the epoch; `undefined`: now. */
  readonly at: number | undefined;
}

/**
 * Notes in the stores that instances have ended, so that they are no longer waited for.
 *
 * @param today the day for which the stores are read, `YYYY-MM-DD`: the instances of all days are found with any
 * @throws ConfigurationError for an instance that no store knows; MigrationError `ERR_UNAVAILABLE` if a store fails. Nothing is noted unless every instance is known.
 */
export async function sayGone(
  stores: readonly DrainStore[],
  { names: gone, at }: Gone,
  ask: AskAbout,
  { clock }: Pick<CommandContext, 'clock'>,
): Promise<void> {
  const now = clock.now();
  const today = new Date(now).toISOString().slice(0, 10);
  const known: { store: DrainStore; runs: readonly DrainInstance[] }[] = [];
  for (const store of stores)
    known.push({ store, runs: (await attempt(store, () => store.read(today))).instances.filter(isDrainInstance) });
  const all = known.flatMap(({ runs }) => runs);
  for (const name of gone) {
    if (all.some(({ instance }) => instance === name)) continue;
    const names = [...new Set(all.map(({ instance }) => instance))].sort();
    throw new ConfigurationError(
      '--gone',
      `no instance ${visible(name)} has reported; known are ${visible(listed(names)) || 'none'}`,
    );
  }
  const lines = all
    .filter(({ instance, endedAt, goneAt }) => gone.includes(instance) && endedAt === undefined && goneAt === undefined)
    .map(({ instance, reportedAt }) => `${visible(instance)} last reported ${formatAgo((now - reportedAt) / 1000)}`);
  const until =
    at === undefined ? 'until now (--gone-at, if it had ended before)' : `until ${formatTime(new Date(at))}`;
  const note = `What it counted after its last report is lost: legacy tokens may have come unseen ${until}.`;
  // A "no" changes nothing, and the answer that follows still waits for them.
  if (!(await ask([...lines, note], `Note that ${visible(listed(gone))} ended for good?`))) return;
  for (const { store, runs } of known) {
    // One that was said to be gone stays as it was, unless a time is given.
    const isNews = (name: string) =>
      runs.some((run) => run.instance === name && (at !== undefined || run.goneAt === undefined));
    for (const name of gone.filter(isNews)) await attempt(store, () => store.forget(name, at ?? now));
  }
}

async function attempt<T>(store: DrainStore, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof ConfigurationError || error instanceof MigrationError) throw error;
    const reason = error instanceof Error ? error.message : 'unknown error';
    throw new MigrationError('ERR_UNAVAILABLE', `${store.name}: ${reason}`, { cause: error });
  }
}

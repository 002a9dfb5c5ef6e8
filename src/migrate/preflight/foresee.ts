import { DirectoryError, type Page, type UserDirectory } from '../../directory/user-types.js';
import { isTimeout, withTimeLimit } from '../../time-limit.js';
import { isNoAnswer as hadNoAnswer } from '../calls/likely-cause.js';
import { Patience } from '../calls/patience.js';
import { MigrationError } from '../migration-error.js';
import type { Refusal } from '../results.js';
import type { Run } from '../run.js';
import { schemaFault, writersFault } from './attribute-check.js';
import { type AskedPool, asking, counted, unlessGone } from './pool-settings.js';
import type { ReachedPool } from './reach.js';
import { clientWriters, providerWriters } from './writers.js';

/** Length of a `sub`, which a legacy id is. */
const SUB_LENGTH = 36;

/** For one call. */
const LIMIT_MS = 3_000;

export interface ForeseeOptions {
  readonly newPool: UserDirectory;
  readonly attribute: string;
  readonly reached: readonly ReachedPool[];
  /** It is checked elsewhere that nobody else can write the attribute. */
  readonly trustAttribute: boolean;
  /** It is accepted that others can write the attribute. */
  readonly allowWritableAttribute?: boolean;
}

/**
 * Why apply would refuse the new pool as it is now. Asked at the beginning of a plan, because apply may come hours later. A plan must
 * also work where it may only list users, so what cannot be read is reported, and nothing here ends the plan. The warnings are not
 * stored with the plan: what they say may be repaired at any time.
 */
export async function foreseeRefusals(run: Run, options: ForeseeOptions): Promise<readonly Refusal[]> {
  const { newPool: directory, attribute, reached, trustAttribute, allowWritableAttribute = false } = options;
  const { clock, signal, step } = run;
  const pool = { directory, clock, signal, step, attribute };
  const unchecked: string[] = [];
  const faults: (MigrationError | undefined)[] = [];
  const description = reached.find(({ userPoolId }) => userPoolId === directory.userPoolId)?.description;
  if (description === undefined) unchecked.push(`whether the pool has ${attribute} (cognito-idp:DescribeUserPool)`);
  else faults.push(schemaFault(description, { ...pool, longestValue: SUB_LENGTH }));
  if (!trustAttribute && !allowWritableAttribute) {
    const writers = await readWriters(pool, unchecked);
    if (writers.length > 0) faults.push(writersFault(pool, writers));
  }
  const warn = (message: string) => run.report({ type: 'warning', message });
  if (unchecked.length > 0) {
    warn(`Not checked for pool ${directory.userPoolId}: ${unchecked.join(', ')}. apply checks it before it writes.`);
  }
  const refusals = faults.flatMap((fault) =>
    fault === undefined ? [] : [{ message: fault.message, fix: fault.fix ?? '' }],
  );
  for (const { message, fix } of refusals) warn(`apply would refuse this: ${message}.\n${fix}`);
  return refusals;
}

interface Pool extends AskedPool {
  readonly attribute: string;
}

/** Reads the first page of each kind. More are rare and take a second for every four, and apply reads them all. */
async function readWriters(pool: Pool, unchecked: string[]): Promise<readonly string[]> {
  const { attribute, directory, clock, signal } = pool;
  const ending = signal === undefined ? {} : { ending: signal };
  const soon = <T>(send: (limit: AbortSignal) => Promise<T>) =>
    withTimeLimit({ timeoutMs: LIMIT_MS, clock, ...ending }, send);
  let isSilent = false;
  const readKind = async <T>(kind: string, calls: Calls<T>): Promise<readonly T[]> => {
    const unread = (reason: string) => unchecked.push(`whether ${kind} can write ${attribute} (${reason})`);
    if (isSilent) {
      unread('no answer');
      return [];
    }
    try {
      const { found, more } = await readPage(pool, kind, calls);
      if (more) unchecked.push(`more than ${found.length} ${kind}`);
      return found;
    } catch (error) {
      if (signal?.aborted) throw error;
      isSilent ||= isNoAnswer(error);
      unread(reasonOf(error));
      return [];
    }
  };
  const clients = await readKind('app clients', {
    list: () => soon((limit) => directory.listClientIds(undefined, limit)),
    describe: (id) => soon((limit) => directory.describeClient(id, limit)),
  });
  const providers = await readKind('identity providers', {
    list: () => soon((limit) => directory.listProviderNames(undefined, limit)),
    describe: (name) => soon((limit) => directory.describeProvider(name, limit)),
  });
  return [...clientWriters(clients, attribute), ...providerWriters(providers, attribute)];
}

interface Calls<T> {
  readonly list: () => Promise<Page<string>>;
  readonly describe: (id: string) => Promise<T>;
}

async function readPage<T>(
  pool: AskedPool,
  kind: string,
  { list, describe }: Calls<T>,
): Promise<{ readonly found: readonly T[]; readonly more: boolean }> {
  // One attempt each: nothing here is worth waiting for.
  const call = asking({ ...pool, patience: new Patience({ clock: pool.clock, patienceMs: 0, onWaiting: null }) });
  const { items, nextToken } = await call(list);
  const found: T[] = [];
  for await (const id of counted(`Checking the ${kind} of ${pool.directory.userPoolId}`, items, pool)) {
    const one = await unlessGone(call(() => describe(id)));
    if (one !== undefined) found.push(one);
  }
  return { found, more: nextToken !== undefined };
}

const causeOf = (error: unknown): unknown => (error instanceof MigrationError ? error.cause : error);

/** One call without an answer is enough to wait for. */
function isNoAnswer(error: unknown): boolean {
  const cause = causeOf(error);
  return cause instanceof DirectoryError ? hadNoAnswer(cause) : isTimeout(cause);
}

function reasonOf(error: unknown): string {
  const cause = causeOf(error);
  if (cause instanceof DirectoryError) return `cognito-idp:${cause.operation}: ${cause.exception}`;
  return isNoAnswer(error) ? 'no answer' : 'unknown';
}

import { type Clock, systemClock } from '../../../clock.js';
import type { ImportService } from '../../../directory/import-types.js';
import type { DirectoryUser, UserDirectory } from '../../../directory/types.js';
import { checkNumber } from '../../../options.js';
import { Pace } from '../../calls/pace.js';
import type { Patience } from '../../calls/patience.js';
import { asMigrationError, type CallOptions, repeated } from '../../calls/repeated.js';
import { MigrationError } from '../../errors.js';
import type { UserSink } from '../../listing/record.js';
import { DEFAULT_ATTRIBUTE } from '../../matching/policy.js';
import { countPlan } from '../../plan-phases.js';
import type { State } from '../../state/state.js';
import { type AgeOptions, requireFresh } from '../age.js';
import { replaceFileSync, syncFolder } from '../durable.js';
import { prepareFolder } from '../folder.js';
import { formatManifest, type Manifest, manifestPath } from '../manifest.js';
import { COGNITO_LIMITS, ExportFiles, type FileLimits } from './output.js';
import { type Reason, type Refusal, refusal } from './reasons.js';
import { missingOf } from './retry.js';
import { isVerified, type Row, RowMaker, withoutAttributes } from './row.js';
import { Selection } from './selection.js';
import { checkTarget, type ImportTarget } from './target.js';

/** GetCSVHeader and DescribeUserPool are limited to 5 per second and pool. */
const CONFIGURATION_RPS = 4;

const BEGINS_ANEW = 'Nothing was exported. The same command begins anew.';

export interface ExportCsvOptions extends AgeOptions {
  /** With a finished plan. */
  readonly state: State;
  /** The folder of the files; made where there is none. */
  readonly out: string;
  /** Folder of an earlier export that was imported: only users whom its import did not bring in. Default: everybody. */
  readonly retry?: string;
  readonly service: Pick<ImportService, 'userPoolId' | 'columns' | 'settings'>;
  /** Those of the plan. */
  readonly legacyPools: readonly UserDirectory[];
  /** Lists every user of a pool at least once. `estimatedUsers` is how many the plan knows. */
  readonly listUsers: (directory: UserDirectory, sink: UserSink, estimatedUsers: number) => Promise<void>;
  /** 1 to 500 000. @defaultValue 500 000 */
  readonly maxUsersPerFile?: number;
  /** 100 000 to 100 000 000. @defaultValue 100 000 000 */
  readonly maxBytesPerFile?: number;
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
  /** How long failing calls are repeated. */
  readonly patience?: Patience;
}

/** `export-csv --json`. */
export interface ExportCsvResult {
  /** Users in import files. */
  readonly exported: number;
  /** Users in `not-imported.csv`. */
  readonly notImported: number;
  /** Legacy users who are in the new pool already, by the plan. */
  readonly claimed: number;
  readonly files: number;
  /** Attributes of exported users that the new pool does not have: how many users have them. */
  readonly droppedAttributes: Readonly<Record<string, number>>;
  /** Optional attributes that were left out because the value does not fit the new pool: of how many exported users. */
  readonly misfitAttributes: Readonly<Record<string, number>>;
  /** Exported users whose name in the new pool is a UUID, and who have nothing else to sign in with. */
  readonly uuidUsernames: number;
  readonly reasons: Readonly<Partial<Record<Reason, number>>>;
}

/**
 * Writes legacy users whom no new user claims into files for Cognito's user import. Lists the legacy pools again, since the state
 * holds no attributes. Changes nothing in a pool. What was interrupted begins anew.
 * @throws {@link MigrationError}, {@link ConfigurationError}
 */
export async function runExportCsv(options: ExportCsvOptions): Promise<ExportCsvResult> {
  try {
    return await exportCsv(options);
  } catch (error) {
    if (options.signal?.aborted === true && !(error instanceof MigrationError)) {
      throw new MigrationError('ERR_INTERRUPTED', 'interrupted', { fix: BEGINS_ANEW, cause: error });
    }
    throw asMigrationError(error);
  }
}

async function exportCsv(options: ExportCsvOptions): Promise<ExportCsvResult> {
  const { state, out, service, legacyPools, clock = systemClock, signal, patience } = options;
  const limits = {
    users: checkNumber('maxUsersPerFile', options.maxUsersPerFile, {
      ...{ min: 1, max: COGNITO_LIMITS.users, integer: true, fallback: COGNITO_LIMITS.users },
    }),
    bytes: checkNumber('maxBytesPerFile', options.maxBytesPerFile, {
      ...{ min: 100_000, max: COGNITO_LIMITS.bytes, integer: true, fallback: COGNITO_LIMITS.bytes },
    }),
  };
  countPlan(state);
  const madeAt = state.meta.get('plannedAt') ?? 0;
  await requireFresh({ what: 'the plan', madeAt, again: 'run plan again' }, clock.now(), options);
  const attribute = state.meta.get('attribute') ?? DEFAULT_ATTRIBUTE;
  const target = await readTarget(service, attribute, { clock, signal, patience });
  const pools = { legacyPools: legacyPools.map(({ userPoolId }) => userPoolId), newPool: service.userPoolId };
  const only = options.retry === undefined ? undefined : missingOf(options.retry, { ...pools, attribute }, madeAt);
  const lock = prepareFolder(out, pools);
  try {
    const manifest: Manifest = { ...pools, attribute, columns: target.columns, files: [], lists: [], finishedAt: null };
    replaceFileSync(manifestPath(out), formatManifest(manifest));
    return await writeFiles(options, { target, limits, manifest, only });
  } finally {
    lock.release();
  }
}

async function writeFiles(
  { state, out, legacyPools, listUsers, clock = systemClock, signal }: ExportCsvOptions,
  {
    target,
    limits,
    manifest,
    only,
  }: {
    readonly target: ImportTarget;
    readonly limits: FileLimits;
    readonly manifest: Manifest;
    readonly only: AsyncIterable<string> | undefined;
  },
): Promise<ExportCsvResult> {
  const selection = new Selection(out, state);
  const output = new ExportFiles(out, target.columns, limits);
  const exporter = new Exporter(target, selection, output);
  let finished = false;
  try {
    if (only !== undefined) await selection.restrictTo(only);
    for (const directory of legacyPools) {
      await listUsers(directory, exporter, Selection.plannedUsers(state, directory.userPoolId));
    }
    signal?.throwIfAborted();
    const { files, lists } = output.finish();
    finished = true;
    // The names of the files before the manifest that names them.
    syncFolder(out);
    const finishedAt = new Date(clock.now()).toISOString();
    replaceFileSync(manifestPath(out), formatManifest({ ...manifest, files, lists, finishedAt }));
    return exporter.result(files.length);
  } finally {
    if (!finished) output.abandon();
    selection.close();
  }
}

/** Reads and checks what of the new pool decides the rows. */
async function readTarget(
  service: Pick<ImportService, 'userPoolId' | 'columns' | 'settings'>,
  attribute: string,
  how: Omit<CallOptions, 'pace'>,
): Promise<ImportTarget> {
  const calls = { ...how, pace: new Pace(CONFIGURATION_RPS, how.clock) };
  const columns = await repeated(() => service.columns(how.signal), calls);
  const settings = await repeated(() => service.settings(how.signal), calls);
  return checkTarget(service, columns, settings, attribute);
}

/** Takes listed users and sorts each into the file they belong to, once. */
class Exporter implements UserSink {
  readonly #selection: Selection;
  readonly #output: ExportFiles;
  readonly #rows: RowMaker;
  readonly #target: ImportTarget;
  readonly #reasons = new Map<Reason, number>();
  readonly #dropped = new Map<string, number>();
  readonly #misfits = new Map<string, number>();
  #exported = 0;
  #claimed = 0;
  #uuidUsernames = 0;

  constructor(target: ImportTarget, selection: Selection, output: ExportFiles) {
    this.#selection = selection;
    this.#output = output;
    this.#target = target;
    this.#rows = new RowMaker(target);
  }

  add(users: readonly DirectoryUser[]): void {
    const fates = this.#selection.take(users.flatMap(({ sub }) => sub ?? []));
    for (const user of users) {
      const { sub } = user;
      if (sub === undefined) {
        if (!this.#selection.isRestricted) this.#refuse('', refusal('no-sub'));
        continue;
      }
      if (!fates.has(sub)) continue;
      const fate = fates.get(sub);
      // The same user may come twice in one page.
      fates.delete(sub);
      if (fate === 'claimed') this.#claimed += 1;
      else if (fate === undefined) this.#refuse(sub, refusal('not-in-plan'));
      else if (fate !== 'free') this.#refuse(sub, refusal(fate));
      else this.#export(user, sub);
    }
  }

  known(subs: readonly string[]): ReadonlySet<string> {
    return this.#selection.taken(subs);
  }

  result(files: number): ExportCsvResult {
    return {
      exported: this.#exported,
      notImported: [...this.#reasons.values()].reduce((sum, count) => sum + count, 0),
      claimed: this.#claimed,
      files,
      droppedAttributes: Object.fromEntries([...this.#dropped].toSorted()),
      misfitAttributes: Object.fromEntries([...this.#misfits].toSorted()),
      uuidUsernames: this.#uuidUsernames,
      reasons: Object.fromEntries([...this.#reasons].toSorted()),
    };
  }

  #export(user: DirectoryUser, sub: string): void {
    const row = this.#rowOf(user, sub);
    if ('reason' in row) {
      this.#refuse(sub, row);
      return;
    }
    this.#output.add(row.line, sub);
    this.#exported += 1;
    for (const name of row.dropped) countOne(this.#dropped, name);
    for (const name of row.misfits) countOne(this.#misfits, name);
    if (row.hasOnlyUuid) this.#uuidUsernames += 1;
  }

  #rowOf(user: DirectoryUser, sub: string): Row | Refusal {
    const others = this.#othersContacts(user, sub);
    const made = this.#rows.make(withoutAttributes(user, others));
    if ('reason' in made) return made;
    const row = { ...made, misfits: [...made.misfits, ...others] };
    if (!this.#selection.comparedPhones && !row.hasEmail) return refusal('phones-not-compared');
    const taken = this.#selection.reserve(row.unique);
    return taken === undefined ? row : refusal('exported-twice', taken);
  }

  /**
   * Where people sign in with an address, nobody knows whether Cognito would keep its owner out once another user has it, verified or
   * not: who never verified an address that somebody else did verify goes without it.
   */
  #othersContacts(user: DirectoryUser, sub: string): string[] {
    const { signInWith } = this.#target;
    return signInWith.filter(
      (contact) => user.attributes[contact] && !isVerified(user, contact) && this.#selection.isOthers(sub, contact),
    );
  }

  #refuse(sub: string, why: Refusal): void {
    countOne(this.#reasons, why.reason);
    this.#output.refuse(sub, why);
  }
}

function countOne<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

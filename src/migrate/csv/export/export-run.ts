import { type Clock, systemClock } from '../../../clock.js';
import type { ImportService } from '../../../directory/import-types.js';
import type { UserDirectory } from '../../../directory/user-types.js';
import { checkNumber } from '../../../options.js';
import { DEFAULT_ATTRIBUTE } from '../../../users/legacy-id-names.js';
import { Pace } from '../../calls/pace.js';
import type { Patience } from '../../calls/patience.js';
import { SETTINGS_RPS } from '../../calls/quotas.js';
import { asMigrationError, type CallOptions, interruptedOr, repeated } from '../../calls/repeated.js';
import { replaceFileSync, syncFolder } from '../../files/durable-file.js';
import type { UserSink } from '../../listing/listing-record.js';
import { countPlan } from '../../state/finished-plan.js';
import type { State } from '../../state/state.js';
import { type AgeOptions, requireFresh } from '../age.js';
import { prepareFolder } from '../format/folder.js';
import { formatManifest, type Manifest, manifestPath } from '../format/manifest.js';
import { type ExportCsvResult, Exporter } from './exporter.js';
import { checkTarget, type ImportTarget } from './import-target.js';
import { COGNITO_LIMITS, ExportFiles, type FileLimits } from './output.js';
import { missingOf } from './retry.js';
import { Selection } from './selection.js';

const BEGINS_AGAIN = 'Nothing was exported. Run the same command again: it starts from the beginning.';

export interface ExportCsvOptions extends AgeOptions {
  /** With a finished plan. */
  readonly state: State;
  /** The folder of the files. It is created if it does not exist. */
  readonly out: string;
  /** Folder of an earlier, imported export: exports only the users whom that import did not bring in. Default: all users. */
  readonly retry?: string;
  readonly service: Pick<ImportService, 'userPoolId' | 'columns' | 'settings'>;
  /** The legacy pools of the plan. */
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

/**
 * Writes legacy users whom no new user matches into files for Cognito's user import. Lists the legacy pools again, since the state
 * holds no attributes. Changes nothing in a pool. An interrupted export starts from the beginning.
 * @throws {@link MigrationError}, {@link ConfigurationError}
 */
export async function runExportCsv(options: ExportCsvOptions): Promise<ExportCsvResult> {
  try {
    return await exportCsv(options);
  } catch (error) {
    throw asMigrationError(interruptedOr(error, options.signal, BEGINS_AGAIN));
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
    // The file names must be on the disk before the manifest that lists them.
    syncFolder(out);
    const finishedAt = new Date(clock.now()).toISOString();
    replaceFileSync(manifestPath(out), formatManifest({ ...manifest, files, lists, finishedAt }));
    return exporter.result(files.length);
  } finally {
    if (!finished) output.abandon();
    selection.close();
  }
}

/** Reads and checks the settings of the new pool that determine the rows. */
async function readTarget(
  service: Pick<ImportService, 'userPoolId' | 'columns' | 'settings'>,
  attribute: string,
  how: Omit<CallOptions, 'pace'>,
): Promise<ImportTarget> {
  const calls = { ...how, pace: new Pace(SETTINGS_RPS, how.clock) };
  const columns = await repeated(() => service.columns(how.signal), calls);
  const settings = await repeated(() => service.settings(how.signal), calls);
  return checkTarget(service, columns, settings, attribute);
}

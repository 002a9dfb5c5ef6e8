import { isPlainObject } from '../../options.js';
import type { FeaturePlan } from '../../users/mau-prices.js';
import { isQuota, isRate } from '../calls/quotas.js';
import { MigrationError } from '../migration-error.js';
import type { StatusResult, VerifyResult } from '../results.js';
import type { Draft } from './draft.js';
import type { Holder, LockName } from './locks.js';
import { RESTORE, type Sqlite } from './sqlite.js';

/** What a state knows about itself, by name. Times are milliseconds since the epoch. */
export interface MetaValues {
  /** Of the finished plan; the plan being made is in `draft`. */
  phase: StatusResult['phase'];
  /** A plan that is not finished. */
  draft: Draft;
  /** The number of the finished plan. Operations carry the number of their plan. */
  plan: number;
  attribute: string;
  /** Of the finished plan: `planDigest` of `finished-plan.ts`. */
  digest: string;
  /** The options on which the listed rows depend. A plan can only be continued with the same options. */
  listedFor: string;
  /** Of the draft; erased when the plan is finished. */
  hashKey: string;
  /** Recognises the key with which the finished plan's hashes were made. */
  keyCheck: string;
  /** The processes that work on the state. */
  holders: { readonly [K in LockName]?: Holder };
  /** By pool id: its last known sign-up settings. Kept across plans. */
  poolSettings: Readonly<
    Record<
      string,
      {
        readonly readAt: number;
        /** People cannot sign themselves up. */
        readonly adminCreateUserOnly: boolean;
        readonly preSignUpTrigger: boolean;
        /** Absent if the pool does not say it, or if it was read by an older version. */
        readonly featurePlan?: FeaturePlan | undefined;
      }
    >
  >;
  /** Of the listing of the draft: users per second over the last minute at most. */
  listingSpeed: number;
  /** The groups are listed in the draft; their members may not be yet. */
  groupsListed: boolean;
  begunAt: number;
  /** When the listing of the legacy pools was begun: earlier than `begunAt` if it was reused. */
  legacyListedAt: number;
  plannedAt: number;
  /** The plan to which `users_by_outcome` belongs. Missing, or another plan's number, where an older version made the plan. */
  listedByOutcome: number;
  result: NonNullable<StatusResult['plan']>;
  warnings: readonly string[];
  /** Of the draft. */
  draftWarnings: readonly string[];
  /** Why running commands send nothing, by the lock that each holds. */
  waiting: { readonly [K in LockName]?: { readonly reason: string; readonly since: number } };
  /** What `pace` set for the commands that write, now and later. Written while they run. */
  control: { readonly rps: number | null; readonly paused: boolean };
  /** The highest rate, in writes per second, that `pace` may set for the current or last command. */
  mostRps: number;
  /** What the next plan is compared with: the last plan that was accepted, and how many of its users needed a person. */
  measure: { readonly plan: number; readonly forAPerson: number };
  verified: { readonly at: number; readonly result: VerifyResult };
}

const each =
  (fits: (value: Readonly<Record<string, unknown>>) => boolean) =>
  (value: unknown): boolean =>
    isPlainObject(value) && Object.values(value).every((one) => isPlainObject(one) && fits(one));

const isHolder = ({ host, pid, started, inode }: Readonly<Record<string, unknown>>): boolean =>
  typeof host === 'string' &&
  Number.isSafeInteger(pid) &&
  (started === null || typeof started === 'string') &&
  typeof inode === 'number';

const isWait = ({ reason, since }: Readonly<Record<string, unknown>>): boolean =>
  typeof reason === 'string' && typeof since === 'number' && !Number.isNaN(new Date(since).getTime());

/** What the values are at least that others rely on. A damaged file may still hold JSON. */
const FORMS: { readonly [K in keyof MetaValues]?: (value: unknown) => boolean } = {
  result: (value) =>
    isPlainObject(value) &&
    isPlainObject(value['outcomes']) &&
    Object.values(value['outcomes']).every(Number.isSafeInteger),
  draft: isPlainObject,
  holders: each(isHolder),
  control: (value) =>
    isPlainObject(value) && (value['rps'] === null || isRate(value['rps'])) && typeof value['paused'] === 'boolean',
  mostRps: isQuota,
  poolSettings: isPlainObject,
  waiting: each(isWait),
  warnings: Array.isArray,
  draftWarnings: Array.isArray,
  attribute: (value) => typeof value === 'string',
  plan: Number.isSafeInteger,
};

export class Meta {
  readonly #db: Sqlite;

  constructor(db: Sqlite) {
    this.#db = db;
  }

  get<K extends keyof MetaValues>(key: K): MetaValues[K] | undefined {
    const row = this.#db.get<readonly [string]>('SELECT value FROM meta WHERE key = ?', key);
    if (row === undefined) return undefined;
    let value: unknown;
    try {
      value = JSON.parse(row[0]);
    } catch (error) {
      throw this.#damaged(key, error);
    }
    if (FORMS[key]?.(value) === false) throw this.#damaged(key);
    return value as MetaValues[K];
  }

  #damaged(key: string, cause?: unknown): MigrationError {
    return new MigrationError('ERR_STATE_INVALID', `${this.#db.path} is damaged (${key})`, { fix: RESTORE, cause });
  }

  set<K extends keyof MetaValues>(key: K, value: MetaValues[K]): void {
    this.#db.run(
      'INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
      key,
      JSON.stringify(value),
    );
  }

  delete(...keys: readonly (keyof MetaValues)[]): void {
    for (const key of keys) this.#db.run('DELETE FROM meta WHERE key = ?', key);
  }

  addWarning(message: string, of: 'warnings' | 'draftWarnings' = 'warnings'): void {
    this.set(of, [...new Set([...(this.get(of) ?? []), message])]);
  }
}

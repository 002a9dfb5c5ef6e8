import type { StatusResult, VerifyResult } from '../results.js';
import type { Draft } from './draft.js';
import type { Holder, LockName } from './locks.js';
import type { Sqlite } from './sqlite.js';

/** What a state knows about itself, by name. Times are milliseconds since the epoch. */
export interface MetaValues {
  /** Of the finished plan; what is being made stands in `draft`. */
  phase: StatusResult['phase'];
  /** A plan that is not finished. */
  draft: Draft;
  /** Counts plans: operations name the plan they belong to. */
  plan: number;
  attribute: string;
  /** The options that listed rows depend on; a plan goes on only with the same. */
  listedFor: string;
  /** Of the draft, and erased with it. */
  hashKey: string;
  /** Tells whether a key is the one the finished plan's hashes were made with. */
  keyCheck: string;
  /** Who works on the state. */
  holders: { readonly [K in LockName]?: Holder };
  /** By pool id, what it said last of how people come into it. Outlives plans. */
  poolSettings: Readonly<
    Record<
      string,
      {
        readonly readAt: number;
        /** People cannot sign themselves up. */
        readonly adminCreateUserOnly: boolean;
        readonly preSignUpTrigger: boolean;
      }
    >
  >;
  /** The names of the groups are in the draft; their members may be not. */
  groupsListed: boolean;
  begunAt: number;
  /** When the listing of the legacy pools was begun: earlier than `begunAt` where it was used again. */
  legacyListedAt: number;
  plannedAt: number;
  result: NonNullable<StatusResult['plan']>;
  warnings: readonly string[];
  /** Of the draft. */
  draftWarnings: readonly string[];
  /** Why a running command sends nothing at present, by the lock that it holds: several may run. */
  waiting: { readonly [K in LockName]?: { readonly reason: string; readonly since: number } };
  /** What `pace` wants of the commands that write, now and later. Written beside a running command. */
  control: { readonly rps: number | null; readonly paused: boolean };
  /** The most writes a second that the command which writes, or wrote last, may be told. */
  mostRps: number;
  /** What a night's plan is compared with until it holds: the plan before it, and who of that one needed a person. */
  measure: { readonly plan: number; readonly forAPerson: number };
  verified: { readonly at: number; readonly result: VerifyResult };
}

export class Meta {
  readonly #db: Sqlite;

  constructor(db: Sqlite) {
    this.#db = db;
  }

  get<K extends keyof MetaValues>(key: K): MetaValues[K] | undefined {
    const row = this.#db.get<readonly [string]>('SELECT value FROM meta WHERE key = ?', key);
    return row === undefined ? undefined : JSON.parse(row[0]);
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

import type { DirectoryUser } from '../../directory/user-types.js';
import type { Sqlite } from '../state/sqlite.js';

type Mode = 'probe' | 'shards' | 'whole' | 'complement' | 'done';

export interface ListedPage {
  readonly prefix: string;
  readonly users: readonly DirectoryUser[];
  readonly nextToken: string | undefined;
}

/** Receives listed users. Called inside the transaction that records the listing's progress. */
export interface UserSink {
  add(users: readonly DirectoryUser[]): void;
  /** Which of these `sub`s were added. */
  known(subs: readonly string[]): ReadonlySet<string>;
}

/** The progress of listing one pool. A page's users and the token of the next page are recorded in one transaction. */
export class ListingRecord {
  readonly #db: Sqlite;
  readonly #id: number;
  readonly #sink: UserSink;
  #uncommitted: ListedPage[] = [];

  constructor(db: Sqlite, id: number, sink: UserSink) {
    this.#db = db;
    this.#id = id;
    this.#sink = sink;
  }

  /** Finds the listing of this pool for this purpose, or begins one. */
  static open(db: Sqlite, purpose: 'plan' | 'verify', pool: number, sink: UserSink): ListingRecord {
    db.run('INSERT INTO listings (purpose, pool) VALUES (?, ?) ON CONFLICT DO NOTHING', purpose, pool);
    return new ListingRecord(
      db,
      db.count('SELECT id FROM listings WHERE purpose = ? AND pool = ?', purpose, pool),
      sink,
    );
  }

  /** Records how many users the pool says that it has, unless that is known. */
  expect(users: number | undefined): void {
    if (users === undefined) return;
    this.#db.run('UPDATE listings SET estimated = ? WHERE id = ? AND estimated IS NULL', users, this.#id);
  }

  get mode(): Mode {
    return this.#db.get<readonly [Mode]>('SELECT mode FROM listings WHERE id = ?', this.#id)?.[0] ?? 'probe';
  }

  begin(
    mode: Mode,
    prefixes: readonly string[],
    sample?: { readonly probe: readonly string[]; readonly estimatedUsers: number | undefined },
  ): void {
    this.#db.transaction(() => {
      this.#db.run('UPDATE listings SET mode = ? WHERE id = ?', mode, this.#id);
      if (sample !== undefined) {
        this.#db.run(
          'UPDATE listings SET probe = ?, estimated = ? WHERE id = ?',
          JSON.stringify(sample.probe),
          sample.estimatedUsers ?? null,
          this.#id,
        );
      }
      if (mode === 'whole') this.#db.run('DELETE FROM shards WHERE listing = ?', this.#id);
      for (const prefix of prefixes) {
        this.#db.run('INSERT INTO shards (listing, prefix) VALUES (?, ?) ON CONFLICT DO NOTHING', this.#id, prefix);
      }
    });
  }

  finishWithOnePage(users: readonly DirectoryUser[]): void {
    this.#db.transaction(() => {
      this.#sink.add(users);
      this.#db.run('INSERT INTO shards (listing, prefix) VALUES (?, ?)', this.#id, '');
      this.#recordPage({ prefix: '', users, nextToken: undefined });
      this.#db.run("UPDATE listings SET mode = 'done' WHERE id = ?", this.#id);
    });
  }

  openShards(): { prefix: string; token: string | undefined }[] {
    return this.#db
      .all<readonly [string, string | null]>(
        'SELECT prefix, token FROM shards WHERE listing = ? AND done = 0 ORDER BY token IS NULL, prefix',
        this.#id,
      )
      .map(([prefix, token]) => ({ prefix, token: token ?? undefined }));
  }

  /** Keeps a page in memory until {@link commit} records it. */
  addPage(page: ListedPage): void {
    this.#uncommitted.push(page);
  }

  /**
   * Records the pages added since the last commit, each with the token of the next page, with one fsync for all. Until then they
   * are in memory: a transaction that stays open while waiting for pages would block every other command that uses the state.
   */
  commit(): void {
    const pages = this.#uncommitted;
    if (pages.length === 0) return;
    this.#uncommitted = [];
    this.#db.transaction(() => {
      for (const page of pages) {
        this.#sink.add(page.users);
        this.#recordPage(page);
      }
    });
  }

  #recordPage({ prefix, users, nextToken }: ListedPage): void {
    this.#db.run(
      'UPDATE shards SET token = ?, done = ?, users = users + ? WHERE listing = ? AND prefix = ?',
      nextToken ?? null,
      nextToken === undefined ? 1 : 0,
      users.length,
      this.#id,
      prefix,
    );
  }

  restart(prefix: string): void {
    this.#db.run('UPDATE shards SET token = NULL, users = 0 WHERE listing = ? AND prefix = ?', this.#id, prefix);
  }

  missingOfProbe(): string[] {
    const json = this.#db.get<readonly [string]>('SELECT probe FROM listings WHERE id = ?', this.#id)?.[0] ?? '[]';
    const subs: string[] = JSON.parse(json);
    const known = this.#sink.known(subs);
    return subs.filter((sub) => !known.has(sub));
  }

  numbers(): { listed: number; estimated: number | undefined } {
    const listed = this.#db.count('SELECT sum(users) FROM shards WHERE listing = ?', this.#id);
    const [estimated] = this.#db.get<readonly [number | null]>(
      'SELECT estimated FROM listings WHERE id = ?',
      this.#id,
    ) ?? [null];
    return { listed, estimated: estimated ?? undefined };
  }

  progress(): { users: number; shardsDone: number; shards: number } {
    const [users, shardsDone, shards] = this.#db.get<readonly [number, number, number]>(
      'SELECT coalesce(sum(users), 0), coalesce(sum(done), 0), count(*) FROM shards WHERE listing = ?',
      this.#id,
    ) ?? [0, 0, 0];
    return { users, shardsDone, shards };
  }
}

import type { DirectoryUser } from '../../../directory/user-types.js';
import type { UserSink } from '../../listing/listing-record.js';
import { isVerified } from '../format/columns.js';
import { type Reason, type Refusal, refusal } from '../format/reasons.js';
import type { ImportTarget } from './import-target.js';
import type { ExportFiles } from './output.js';
import { type Row, RowMaker, withoutAttributes } from './row.js';
import type { Selection } from './selection.js';

/** `export-csv --json`. */
export interface ExportCsvResult {
  /** Users in import files. */
  readonly exported: number;
  /** Users in `not-imported.csv`. */
  readonly notImported: number;
  /** Legacy users who are already in the new pool, according to the plan. */
  readonly claimed: number;
  readonly files: number;
  /** Attributes that the new pool does not have, with the number of exported users who have them. */
  readonly droppedAttributes: Readonly<Record<string, number>>;
  /** Optional attributes left out because the value does not fit the new pool, with the number of exported users affected. */
  readonly misfitAttributes: Readonly<Record<string, number>>;
  /** Exported users whose username in the new pool is a UUID, and who cannot sign in with anything else. */
  readonly uuidUsernames: number;
  readonly reasons: Readonly<Partial<Record<Reason, number>>>;
}

/** Writes each listed user, once, into the file they belong to. */
export class Exporter implements UserSink {
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
      // A page may contain the same user twice.
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
   * Where users sign in with an address, it is not known whether Cognito rejects the owner of an address if another user has it,
   * verified or not. A user who never verified an address that another user verified is therefore exported without it.
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

import { matches, type UserFilter } from './filter.js';
import type { GeneratedUsers } from './generated.js';
import type { SimulatedUser } from './users.js';

/**
 * The users of a pool at fixed positions: first the generated ones (computed, with what was written to them kept aside),
 * then those that were added. A deleted user leaves a hole, so a listing that is under way neither skips nor repeats.
 */
export class Population {
  readonly #generated: GeneratedUsers | undefined;
  readonly #generatedCount: number;
  readonly #changed = new Map<number, SimulatedUser | null>();
  readonly #added: (SimulatedUser | null)[] = [];
  readonly #positions = new Map<string, number>();
  #size: number;

  constructor(generated?: GeneratedUsers) {
    this.#generated = generated;
    this.#generatedCount = generated?.count ?? 0;
    this.#size = this.#generatedCount;
  }

  get size(): number {
    return this.#size;
  }

  add(user: SimulatedUser): void {
    this.#positions.set(user.username, this.#generatedCount + this.#added.length);
    this.#added.push(user);
    this.#size++;
  }

  delete(username: string): boolean {
    const position = this.#positionOf(username);
    if (position === undefined) return false;
    if (position < this.#generatedCount) this.#changed.set(position, null);
    else this.#added[position - this.#generatedCount] = null;
    this.#positions.delete(username);
    this.#size--;
    return true;
  }

  find(username: string): SimulatedUser | undefined {
    const position = this.#positionOf(username);
    return position === undefined ? undefined : this.#at(position);
  }

  findBySub(sub: string): SimulatedUser | undefined {
    const index = this.#generated?.indexOfSub(sub);
    const user = index === undefined ? undefined : this.#at(index);
    return user ?? this.#added.find((one) => one?.attributes['sub'] === sub) ?? undefined;
  }

  /** The user to be changed in place: from here on their state is kept. */
  edit(username: string): SimulatedUser | undefined {
    const position = this.#positionOf(username);
    const user = position === undefined ? undefined : this.#at(position);
    if (user !== undefined && position !== undefined && position < this.#generatedCount) {
      this.#changed.set(position, user);
    }
    return user;
  }

  *all(): Generator<SimulatedUser> {
    for (let position = 0; position < this.#generatedCount + this.#added.length; position++) {
      const user = this.#at(position);
      if (user !== undefined) yield user;
    }
  }

  /** Up to `limit` users from `position` on; `next` is where to go on, `undefined` at the end. */
  page(
    filter: UserFilter | undefined,
    position: number,
    limit: number,
  ): { users: SimulatedUser[]; next: number | undefined } {
    const end = this.#generatedCount + this.#added.length;
    const users: SimulatedUser[] = [];
    let at = this.#seek(filter, position);
    for (; at < end && users.length < limit; at = this.#seek(filter, at + 1)) {
      const user = this.#at(at);
      if (user !== undefined && (filter === undefined || matches(user, filter))) users.push(user);
    }
    return { users, next: at < end ? at : undefined };
  }

  #seek(filter: UserFilter | undefined, from: number): number {
    if (this.#generated === undefined || from >= this.#generatedCount || filter?.attribute !== 'sub') return from;
    return this.#generated.nextOfPrefix(filter.value, from);
  }

  #positionOf(username: string): number | undefined {
    const position = this.#positions.get(username) ?? this.#generated?.indexOf(username);
    return position === undefined || this.#at(position) === undefined ? undefined : position;
  }

  #at(position: number): SimulatedUser | undefined {
    if (position >= this.#generatedCount) return this.#added[position - this.#generatedCount] ?? undefined;
    const changed = this.#changed.get(position);
    return changed === undefined ? this.#generated?.at(position) : (changed ?? undefined);
  }
}

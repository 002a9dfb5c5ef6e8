/**
 * Where the legacy id of a new-pool user can be looked up: new `sub` -> legacy id. A `Map` and a Keyv meet this contract
 * as they are.
 *
 * - `get` answers `undefined` or `null` when it has nothing, and throws (or rejects) when it cannot tell. "Cannot tell" must
 *   never look like "nothing there".
 * - `set` returns once the value is stored as safely as the store can.
 */
export interface LegacyIdStore {
  get(newSub: string): string | null | undefined | Promise<string | null | undefined>;
  set(newSub: string, legacyId: string): unknown;
}
